/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "client/checks/firewall/firewall_sources.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "client/checks/box/box.h"
#include "client/checks/checks.h"
#include "client/checks/firewall/iptables_rules.h"
#include "client/checks/firewall/nft_rules.h"
#include "client/checks/firewall/program.h"

enum language {
	LANGUAGE_IPTABLES,
	LANGUAGE_IP6TABLES,
	LANGUAGE_NFT,
};

static void
read_rules(struct packet_rules *rules, enum language language, char *const *lines, size_t count)
{
	switch (language) {
	case LANGUAGE_IPTABLES:
		iptables_rules_read(rules, lines, count, PACKET_IPV4);
		break;
	case LANGUAGE_IP6TABLES:
		iptables_rules_read(rules, lines, count, PACKET_IPV6);
		break;
	case LANGUAGE_NFT:
		nft_rules_read(rules, lines, count);
		break;
	}
}

/* True: the command told the rules. */
static bool
run(struct firewall_sources *sources, const char *name, enum language language, char *const argv[])
{
	struct firewall_source *source = &sources->list[sources->count];
	struct program_output output;

	program_run(&output, argv);
	if (!output.is_absent) {
		*source = (struct firewall_source){
		    .name = name,
		    .is_live = true,
		    .error = output.error,
		    .needs_root = output.error != NULL && geteuid() != 0,
		};
		sources->count++;
		if (output.error == NULL)
			read_rules(&source->rules, language, output.lines, output.count);
	}
	bool is_read = output.error == NULL;
	program_clear(&output);
	return is_read;
}

/* nft also lists what iptables' own tables hold, where iptables is made of nftables: once is enough. */
static void
leave_out_iptables_tables(struct packet_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++) {
		struct packet_chain *chain = &rules->chains[i];

		if (strncmp(chain->table, "ip", 2) == 0 && strchr(chain->table, ' ') != NULL &&
		    strncmp(chain->table, "inet ", 5) != 0 &&
		    isupper((unsigned char)chain->name[0]))
			chain->is_base = false;
	}
}

static bool
run_all(struct firewall_sources *sources)
{
	static char *const iptables[] = {(char *)"iptables-save", NULL},
			   *const ip6tables[] = {(char *)"ip6tables-save", NULL},
			   *const nft[] = {(char *)"nft", (char *)"list", (char *)"ruleset", NULL};
	bool has_iptables = run(sources, "iptables-save", LANGUAGE_IPTABLES, iptables);
	bool has_ip6tables = run(sources, "ip6tables-save", LANGUAGE_IP6TABLES, ip6tables);
	bool has_nft = run(sources, "nft list ruleset", LANGUAGE_NFT, nft);

	if (has_nft && has_iptables && has_ip6tables)
		leave_out_iptables_tables(&sources->list[sources->count - 1].rules);
	return has_nft || has_iptables || has_ip6tables;
}

static void
read_files(struct firewall_sources *sources, struct box *box)
{
	static const struct {
		const char *path;
		enum language language;
	} files[] = {
	    {"/etc/sysconfig/iptables", LANGUAGE_IPTABLES},
	    {"/etc/iptables/rules.v4", LANGUAGE_IPTABLES},
	    {"/etc/sysconfig/ip6tables", LANGUAGE_IP6TABLES},
	    {"/etc/iptables/rules.v6", LANGUAGE_IP6TABLES},
	    {"/etc/nftables.conf", LANGUAGE_NFT},
	    {"/etc/sysconfig/nftables.conf", LANGUAGE_NFT},
	};

	for (size_t i = 0;
	     i < sizeof(files) / sizeof(files[0]) && sources->count < FIREWALL_SOURCES_MAX; i++) {
		const struct box_file *file = box_read(box, files[i].path);

		if (file->is_absent)
			continue;
		struct firewall_source *source = &sources->list[sources->count++];

		*source = (struct firewall_source){.name = file->path,
		    .error = file->error,
		    .needs_root = file->is_forbidden};
		if (file->error == NULL)
			read_rules(&source->rules, files[i].language, file->lines, file->count);
	}
}

void
firewall_sources_read(struct firewall_sources *sources, struct checks *checks)
{
	*sources = (struct firewall_sources){0};
	if (box_is_here(checks->box) && run_all(sources))
		return;
	/* What failed for want of rights stays in the list, to be told. */
	read_files(sources, checks->box);
}

void
firewall_sources_clear(struct firewall_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		packet_rules_clear(&sources->list[i].rules);
}
