/* SPDX-License-Identifier: GPL-2.0-only */
/* A newer kernel moves an interrupt at once, unless its chip wants that deferred. */
#ifndef XENPV_COMPAT_IRQ_H
#define XENPV_COMPAT_IRQ_H

#include_next <linux/irq.h>

#define irq_set_chip_and_handler_name(irq, chip, handler, name)		\
do {									\
	unsigned int __irq = (irq);					\
									\
	(irq_set_chip_and_handler_name)(__irq, chip, handler, name);	\
	irq_set_status_flags(__irq, IRQ_MOVE_PCNTXT);			\
} while (0)

#endif
