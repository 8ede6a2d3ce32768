// SPDX-License-Identifier: GPL-2.0-only
/* Judges what firmware says about idle states and speeds of processors; pure functions. */

#include <linux/acpi.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <acpi/processor.h>

#include "power.h"

/*
 * Firmware's tables are packages of packages, which any machine may have wrong.  Xen
 * looks at little of what it is handed: it indexes by the limit, reads the ports and
 * believes the lengths.  So each element is asked for its type and each number for
 * its range before it goes on.
 */

/**
 * struct generic_register - a register descriptor, as it lies in a resource template
 * @descriptor: 0x82
 * @length: of what follows
 * @space: address space
 * @width: in bits
 * @offset: in bits
 * @access: size of an access
 * @address: in that space
 */
struct generic_register {
	u8 descriptor;
	__le16 length;
	u8 space;
	u8 width;
	u8 offset;
	u8 access;
	__le64 address;
} __packed;

#define REGISTER_DESCRIPTOR	0x82
#define REGISTER_LENGTH		(sizeof(struct generic_register) - 3)

/* Element @i of a package, if it is there and of this type. */
static const union acpi_object *element(const union acpi_object *package, u32 i,
					acpi_object_type type)
{
	const union acpi_object *object;

	if (!package || package->type != ACPI_TYPE_PACKAGE || i >= package->package.count)
		return NULL;
	object = &package->package.elements[i];
	return object->type == type ? object : NULL;
}

static bool number(const union acpi_object *package, u32 i, u64 max, u64 *value)
{
	const union acpi_object *object = element(package, i, ACPI_TYPE_INTEGER);

	if (!object || object->integer.value > max)
		return false;
	*value = object->integer.value;
	return true;
}

/* Ports have 16 bits.  What an address means elsewhere is the processor's business. */
static bool is_usable(const struct generic_register *reg)
{
	u64 address = le64_to_cpu(reg->address);

	switch (reg->space) {
	case ACPI_ADR_SPACE_FIXED_HARDWARE:
		return true;
	case ACPI_ADR_SPACE_SYSTEM_IO:
		return address && address <= U16_MAX;
	default:
		return false;
	}
}

static bool register_at(const union acpi_object *package, u32 i, struct generic_register *reg)
{
	const union acpi_object *object = element(package, i, ACPI_TYPE_BUFFER);

	if (!object || object->buffer.length < sizeof(*reg))
		return false;
	memcpy(reg, object->buffer.pointer, sizeof(*reg));
	return reg->descriptor == REGISTER_DESCRIPTOR &&
	       le16_to_cpu(reg->length) == REGISTER_LENGTH && is_usable(reg);
}

static bool read_idle_state(const union acpi_object *package, struct xen_processor_cx *cx)
{
	struct generic_register reg;
	u64 type, latency, power;

	if (!register_at(package, 0, &reg) ||
	    !number(package, 1, ACPI_STATE_C3, &type) || type < ACPI_STATE_C1 ||
	    !number(package, 2, U32_MAX, &latency) ||
	    !number(package, 3, U32_MAX, &power))
		return false;
	*cx = (struct xen_processor_cx){
		.reg = {
			.space_id = reg.space,
			.bit_width = reg.width,
			.bit_offset = reg.offset,
			.access_size = reg.access,
			.address = le64_to_cpu(reg.address),
		},
		.type = type,
		.latency = latency,
		.power = power,
	};
	return true;
}

/**
 * xenpv_power_read_cst() - judge a table of idle states
 * @cst: what _CST returned
 * @idle: filled in
 *
 * States stand for themselves: one that makes no sense, or that is entered by means
 * which Xen has not, is left out. Dependencies (_CSD) are not read, since Xen has no
 * use for them.
 *
 * Context: Any.
 * Return: 0, or -EPROTO if it is no such table.
 */
int xenpv_power_read_cst(const union acpi_object *cst, struct xenpv_power_idle *idle)
{
	u64 count;

	memset(idle, 0, sizeof(*idle));
	idle->by_object = true;
	if (!number(cst, 0, U32_MAX, &count) || count != cst->package.count - 1)
		return -EPROTO;
	for (u32 i = 1; i <= count && idle->nr < XENPV_POWER_IDLE_MAX; i++) {
		const union acpi_object *state = element(cst, i, ACPI_TYPE_PACKAGE);

		if (read_idle_state(state, &idle->states[idle->nr]))
			idle->nr++;
	}
	return 0;
}

static void add_port(struct xenpv_power_idle *idle, u8 type, u32 port, u32 latency)
{
	idle->states[idle->nr++] = (struct xen_processor_cx){
		.reg = {
			.space_id = ACPI_ADR_SPACE_SYSTEM_IO,
			.bit_width = 8,
			.access_size = 1,
			.address = port,
		},
		.type = type,
		.latency = latency,
	};
}

/* Beyond these a state is not there, says the specification; and where its port is. */
#define C2_LATENCY	100
#define C3_LATENCY	1000
#define C2_PORT		4
#define C3_PORT		5

/**
 * xenpv_power_read_fixed() - idle states of a machine without _CST
 * @fadt: fixed table of the machine
 * @block: port of the processor's registers, 0 if it has none
 * @idle: filled in, maybe with nothing
 *
 * Context: Any.
 */
void xenpv_power_read_fixed(const struct acpi_table_fadt *fadt, u32 block,
			    struct xenpv_power_idle *idle)
{
	memset(idle, 0, sizeof(*idle));
	if (!block || block > U16_MAX - C3_PORT)
		return;
	/* A state that works on machines with one CPU only is none. */
	if (fadt->c2_latency <= C2_LATENCY && fadt->flags & ACPI_FADT_C2_MP_SUPPORTED)
		add_port(idle, ACPI_STATE_C2, block + C2_PORT, fadt->c2_latency);
	if (idle->nr && fadt->c3_latency <= C3_LATENCY)
		add_port(idle, ACPI_STATE_C3, block + C3_PORT, fadt->c3_latency);
}

static void to_xen_register(const struct generic_register *reg, struct xen_pct_register *pct)
{
	*pct = (struct xen_pct_register){
		.descriptor = reg->descriptor,
		.length = le16_to_cpu(reg->length),
		.space_id = reg->space,
		.bit_width = reg->width,
		.bit_offset = reg->offset,
		.address = le64_to_cpu(reg->address),
	};
}

/**
 * xenpv_power_read_pct() - judge the registers of speeds
 * @pct: what _PCT returned
 * @speed: gets them
 *
 * Context: Any.
 * Return: 0, or -EPROTO; two registers in different spaces are none.
 */
int xenpv_power_read_pct(const union acpi_object *pct, struct xenpv_power_speed *speed)
{
	struct generic_register control, status;

	if (!register_at(pct, 0, &control) || !register_at(pct, 1, &status) ||
	    control.space != status.space)
		return -EPROTO;
	to_xen_register(&control, &speed->control);
	to_xen_register(&status, &speed->status);
	return 0;
}

/* Xen counts kilohertz in 32 bits. */
#define FREQUENCY_MAX	(U32_MAX / 1000)

static bool read_speed_state(const union acpi_object *package, u64 below,
			     struct xen_processor_px *px)
{
	return number(package, 0, FREQUENCY_MAX, &px->core_frequency) &&
	       px->core_frequency && px->core_frequency <= below &&
	       number(package, 1, U64_MAX, &px->power) &&
	       number(package, 2, U32_MAX, &px->transition_latency) &&
	       number(package, 3, U32_MAX, &px->bus_master_latency) &&
	       number(package, 4, U64_MAX, &px->control) &&
	       number(package, 5, U64_MAX, &px->status);
}

/**
 * xenpv_power_read_pss() - judge a table of speeds
 * @pss: what _PSS returned
 * @speed: gets them
 *
 * States are named by their place, by the limit for instance. So the table ends at the
 * first that makes no sense, a zero or a speed above that before it, and what precedes
 * keeps its place.
 *
 * Context: Any.
 * Return: 0, or -EPROTO if there are not two states.
 */
int xenpv_power_read_pss(const union acpi_object *pss, struct xenpv_power_speed *speed)
{
	u64 below = FREQUENCY_MAX;

	speed->nr = 0;
	while (speed->nr < XENPV_POWER_SPEED_MAX) {
		const union acpi_object *state = element(pss, speed->nr, ACPI_TYPE_PACKAGE);
		struct xen_processor_px *px = &speed->states[speed->nr];

		if (!read_speed_state(state, below, px))
			break;
		below = px->core_frequency;
		speed->nr++;
	}
	return speed->nr < 2 ? -EPROTO : 0;
}

static u32 to_xen_sharing(u64 coordination)
{
	switch (coordination) {
	case DOMAIN_COORD_TYPE_SW_ALL:
		return XENPV_POWER_SHARED_ALL;
	case DOMAIN_COORD_TYPE_SW_ANY:
		return XENPV_POWER_SHARED_ANY;
	case DOMAIN_COORD_TYPE_HW_ALL:
		return XENPV_POWER_SHARED_HW;
	default:
		return 0;
	}
}

/**
 * xenpv_power_read_psd() - judge whose speed changes together
 * @psd: what _PSD returned
 * @speed: gets it
 *
 * Context: Any.
 * Return: 0, or -EPROTO.
 */
int xenpv_power_read_psd(const union acpi_object *psd, struct xenpv_power_speed *speed)
{
	const union acpi_object *package = element(psd, 0, ACPI_TYPE_PACKAGE);
	struct xen_psd_package domain;

	if (!number(package, 0, ACPI_PSD_REV0_ENTRIES, &domain.num_entries) ||
	    domain.num_entries != ACPI_PSD_REV0_ENTRIES ||
	    !number(package, 1, ACPI_PSD_REV0_REVISION, &domain.revision) ||
	    !number(package, 2, U32_MAX, &domain.domain) ||
	    !number(package, 3, U32_MAX, &domain.coord_type) ||
	    !number(package, 4, U32_MAX, &domain.num_processors) ||
	    !domain.num_processors)
		return -EPROTO;
	if (!to_xen_sharing(domain.coord_type))
		return -EPROTO;
	speed->domain = domain;
	speed->shared = to_xen_sharing(domain.coord_type);
	return 0;
}

/**
 * xenpv_power_alone() - a processor whose speed is its own
 * @acpi_id: firmware's number of the processor, and so of its domain
 * @speed: gets it
 *
 * Xen wants to be told that as well.
 *
 * Context: Any.
 */
void xenpv_power_alone(u32 acpi_id, struct xenpv_power_speed *speed)
{
	speed->domain = (struct xen_psd_package){
		.num_entries = ACPI_PSD_REV0_ENTRIES,
		.revision = ACPI_PSD_REV0_REVISION,
		.domain = acpi_id,
		.coord_type = DOMAIN_COORD_TYPE_SW_ALL,
		.num_processors = 1,
	};
	speed->shared = XENPV_POWER_SHARED_ALL;
}
