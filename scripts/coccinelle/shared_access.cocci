// SPDX-License-Identifier: GPL-2.0-only
/// What sparse cannot see: a cast that takes the address space off shared memory, to
/// read, write or copy it past xenpv/shared.h; a field that one path loads twice.
/// A second load has a comment above it or beside it that says why.
//
// 75-coccinelle runs this on copies of the sources in which `(T __force *)` reads
// `(volatile T *)`, since spatch drops the one and not the other.
virtual report

@away@
type T;
expression E;
position p;
@@
 (volatile T *)E@p

@script:python depends on report@
p << away.p;
@@
coccilib.report.print_report(p[0], "takes __xen_shared off: use the accessors of xenpv/shared.h")

@twice exists@
expression E, F;
position p, q;
@@
(
 xenpv_shared_load@p(E)
|
 xenpv_shared_load_acquire@p(E)
|
 xenpv_shared_copy_in@p(F, E, ...)
)
 ... when != E = ...
(
 xenpv_shared_load@q(E)
|
 xenpv_shared_load_acquire@q(E)
|
 xenpv_shared_copy_in@q(F, E, ...)
)

@script:python depends on report@
p << twice.p;
q << twice.q;
@@
if p[0].line != q[0].line:
    rows = open(q[0].file).read().split("\n")
    near = rows[int(q[0].line) - 2:int(q[0].line)]
    if not any("*/" in row for row in near):
        coccilib.report.print_report(q[0], "loaded before, in line %s: take one copy, or say why" % p[0].line)
