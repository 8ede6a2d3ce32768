// SPDX-License-Identifier: GPL-2.0-only
/// A value that another domain can change is read twice: copy it once, check the copy, use the copy.
// Options: --no-includes --include-headers
virtual report

@twice@
expression E;
identifier x;
position p;
@@
 if (<+... READ_ONCE(E->x) ...+>) {
 ...
 READ_ONCE@p(E->x)
 ...
 }

@script:python depends on report@
p << twice.p;
@@
coccilib.report.print_report(p[0], "checked and read again: take one copy")
