using System.Globalization;
using System.Reflection;
using FullStack.Auth.Tokens;
using FullStack.Imap;
using FullStack.Pop3;
using FullStack.Queue.Aliases;
using FullStack.Queue.Masquerading;
using FullStack.Server;
using FullStack.Server.Configuration;
using FullStack.Smtp;
using FullStack.Smtp.Guard;

namespace FullStack.Unit.Server;

/// <summary>Every option of every project can be set in the configuration file, by a key that reaches it and nothing else.</summary>
public sealed class OptionCoverageTests
{
    private const string Base = "hostname: mail.example.test\ndata: ./data\nweb: { listeners: [{ address: \"*:80\" }] }\n";

    /// <summary>Options that follow from hostname, data and domains.</summary>
    private static readonly string[] s_derived = ["Auth.HostName", "Smtp.HostName", "Outgoing.HostName", "Store.HostName", "Store.Root", "Routing.Domains", "Guard.ExemptNetworks"];

    /// <summary>Each key of an option, with a value that is not its default.</summary>
    private static readonly Dictionary<string, string> s_changed = new()
    {
        ["acme.certificates"] = "[{ names: [mail.example.test] }]",
        ["acme.directory"] = "https://acme.example.test/",
        ["acme.agree_to_terms"] = "true",
        ["acme.contact"] = "[postmaster@example.test]",
        ["acme.challenge"] = "tls-alpn-01",
        ["acme.keep_key"] = "true",
        ["acme.external_key_id"] = "customer",
        ["acme.external_key_file"] = "acme.key",
        ["acme.authorities"] = "root.pem",
        ["auth.plaintext_without_tls"] = "never",
        ["auth.default_domain"] = "other.test",
        ["auth.failure_delay"] = "2s",
        ["auth.max_failure_delay"] = "20s",
        ["auth.upgrade_hashes"] = "false",
        ["auth.password_cache"] = "1m",
        ["auth.mechanisms"] = "[PLAIN]",
        ["auth.master_users"] = "[postmaster@example.test]",
        ["auth.apop"] = "true",
        ["auth.anonymous"] = "public@example.test",
        ["auth.client_certificates"] = "[{ fingerprint: 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF, account: ann@example.test }]",
        ["oauth.issuer"] = "https://id.example.test/",
        ["oauth.audience"] = "[mail]",
        ["oauth.user_claim"] = "sub",
        ["oauth.scope"] = "mail",
        ["oauth.leeway"] = "2m",
        ["oauth.key_file"] = "keys",
        ["oauth.key_address"] = "https://id.example.test/keys",
        ["oauth.key_lifetime"] = "2h",
        ["oauth.introspection"] = "https://id.example.test/introspect",
        ["oauth.introspection_user"] = "mail",
        ["oauth.introspection_secret_file"] = "secret",
        ["oauth.introspection_lifetime"] = "1m",
        ["oauth.discovery"] = "https://id.example.test/openid",
        ["smtp.pop_before_smtp"] = "10m",
        ["smtp.message_size_limit"] = "1MiB",
        ["smtp.xclient_networks"] = "[192.0.2.1]",
        ["guard.messages_per_hour"] = "50",
        ["guard.account_messages_per_hour"] = "50",
        ["guard.account_recipients_per_hour"] = "50",
        ["guard.refuse_early_talkers"] = "false",
        ["guard.greeting_delay"] = "2s",
        ["guard.tarpit_after"] = "50",
        ["guard.tarpit_delay"] = "2s",
        ["guard.tarpit_max_delay"] = "20s",
        ["guard.refuse_malformed_hello"] = "true",
        ["guard.refuse_own_name"] = "false",
        ["guard.refuse_foreign_literal"] = "true",
        ["guard.require_name"] = "pointer",
        ["guard.look_up_names"] = "true",
        ["guard.name_timeout"] = "2s",
        ["smtp.held_for_filters"] = "64KiB",
        ["smtp.max_recipients"] = "200",
        ["smtp.command_timeout"] = "1m",
        ["smtp.data_timeout"] = "1m",
        ["smtp.min_data_rate"] = "0",
        ["smtp.data_grace"] = "1m",
        ["smtp.handshake_timeout"] = "1m",
        ["smtp.relay_bare_line_ends"] = "normalise",
        ["smtp.submission_bare_line_ends"] = "refuse",
        ["smtp.max_received_fields"] = "50",
        ["smtp.max_errors"] = "50",
        ["smtp.max_refused_recipients"] = "50",
        ["submission.foreign_from"] = "add_sender",
        ["submission.remove_bcc"] = "false",
        ["submission.sent_copy"] = "true",
        ["smtp.accepts_mail"] = "false",
        ["smtp.tell_addresses"] = "nobody",
        ["smtp.deliver_by_minimum"] = "1m",
        ["smtp.max_hold"] = "1d",
        ["smtp.max_priority"] = "9",
        ["smtp.no_soliciting"] = "[\"org.example:ADV\"]",
        ["pop3.idle_timeout"] = "1m",
        ["pop3.handshake_timeout"] = "1m",
        ["pop3.max_errors"] = "50",
        ["pop3.max_failed_logins"] = "50",
        ["pop3.login_delay"] = "1m",
        ["pop3.expire"] = "30",
        ["pop3.language"] = "de",
        ["pop3.without_utf8"] = "refuse",
        ["pop3.mailbox"] = "Post",
        ["pop3.messages"] = "unread",
        ["pop3.delete"] = "trash",
        ["pop3.mark_seen"] = "false",
        ["pop3.exclusive"] = "false",
        ["imap.max_line"] = "16KiB",
        ["imap.max_literals"] = "2MiB",
        ["imap.max_append"] = "1MiB",
        ["imap.idle_timeout"] = "1m",
        ["imap.login_timeout"] = "1m",
        ["imap.literal_timeout"] = "1m",
        ["imap.max_bad_commands"] = "50",
        ["imap.max_failed_logins"] = "50",
        ["imap.server_comment"] = "Ours",
        ["imap.server_admin"] = "mailto:postmaster@example.test",
        ["imap.language"] = "de",
        ["imap.max_notify_mailboxes"] = "50",
        ["imap.message_limit"] = "1000",
        ["imap.save_limit"] = "500",
        ["imap.literal_minus"] = "true",
        ["imap.submit_users"] = "[smtp@example.test]",
        ["imap.refuse_utf8_headers"] = "false",
        ["sharing.scope"] = "server",
        ["sharing.other_users"] = "user",
        ["sharing.shared"] = "Public",
        ["sharing.shared_user"] = "public",
        ["sharing.administrators"] = "[postmaster@example.test]",
        ["store.format"] = "mbox",
        ["store.place"] = "home",
        ["store.home_maildir"] = "mail/Maildir",
        ["store.home_roots"] = "[/srv/vmail]",
        ["store.make_homes"] = "true",
        ["store.mbox_inbox"] = "/var/mail/%u",
        ["store.mbox_dotlock"] = "false",
        ["store.mbox_lock_timeout"] = "1m",
        ["store.sync"] = "none",
        ["store.watch"] = "poll",
        ["store.stage_in_memory"] = "64KiB",
        ["store.account_idle_time"] = "5m",
        ["store.open_indexes"] = "64",
        ["pop3.uidl"] = "courier",
        ["pop3.xclient_networks"] = "[192.0.2.1]",
        ["store.metadata_value_limit"] = "2KiB",
        ["store.metadata_entries"] = "50",
        ["store.annotation_value_limit"] = "2KiB",
        ["store.annotations"] = "20",
        ["store.metadata_limit"] = "1MiB",
        ["quota.account"] = "10GiB",
        ["quota.account_messages"] = "100000",
        ["quota.account_mailboxes"] = "500",
        ["quota.domain"] = "1GiB",
        ["quota.domain_messages"] = "1000000",
        ["quota.over"] = "defer",
        ["search.index"] = "off",
        ["search.message_limit"] = "64KiB",
        ["search.size_limit"] = "64MiB",
        ["relay.port"] = "2525",
        ["relay.addresses"] = "ipv4",
        ["relay.own_names"] = "[mx.example.test]",
        ["relay.own_addresses"] = "[192.0.2.25]",
        ["relay.dane"] = "false",
        ["relay.mta_sts"] = "false",
        ["relay.tls_report_contact"] = "tls@example.test",
        ["relay.tls_report_organization"] = "Example Ltd",
        ["relay.sender_domains"] = "mail",
        ["relay.recipient_domains"] = "existing",
        ["dns.servers"] = "[127.0.0.1:5353]",
        ["dns.timeout"] = "2s",
        ["dns.attempts"] = "4",
        ["dns.secure_servers"] = "none",
        ["dns.mixed_case"] = "true",
        ["dns.cache_entries"] = "10",
        ["dns.cache_size"] = "1MiB",
        ["dns.min_ttl"] = "0s",
        ["dns.max_ttl"] = "1h",
        ["dns.max_negative_ttl"] = "1m",
        ["routing.detail_separator"] = "\"-\"",
        ["outgoing.connect_timeout"] = "1m",
        ["outgoing.greeting_timeout"] = "1m",
        ["outgoing.handshake_timeout"] = "2m",
        ["outgoing.command_timeout"] = "1m",
        ["outgoing.data_timeout"] = "1m",
        ["outgoing.piece_timeout"] = "1m",
        ["outgoing.accept_timeout"] = "1m",
        ["outgoing.min_data_rate"] = "0",
        ["outgoing.chunk_size"] = "0",
        ["outgoing.idle_time"] = "1m",
        ["outgoing.max_idle"] = "0",
        ["outgoing.max_messages"] = "1",
        ["smtp.relay_networks"] = "[192.0.2.0/24]",
        ["odmr"] = "[{ account: alice@example.test, domain: example.org }]",
        ["smtp.checkpoint_time"] = "1d",
        ["smtp.checkpoint_messages"] = "5",
        ["smtp.checkpoint_size"] = "1MiB",
        ["smtp.etrn"] = "[{ network: 192.0.2.0/24, domain: example.org }]",
        ["smtp.etrn_per_hour"] = "5",
        ["routes"] = "[{ to: example.org, host: \"[192.0.2.1]:26\" }]",
        ["queue.retry_first"] = "1m",
        ["queue.retry_put_off"] = "3m",
        ["queue.retry_connection"] = "3m",
        ["queue.retry_session"] = "3m",
        ["queue.retry_tls"] = "3m",
        ["queue.retry_dns"] = "3m",
        ["queue.retry_most"] = "1h",
        ["queue.lifetime"] = "2d",
        ["queue.lifetime_urgent"] = "1d",
        ["queue.lifetime_low"] = "9d",
        ["queue.notice_lifetime"] = "1d",
        ["queue.delay_warning"] = "1h",
        ["queue.delay_warning_urgent"] = "30m",
        ["queue.delay_warning_low"] = "1d",
        ["queue.connections"] = "50",
        ["queue.connections_per_destination"] = "5",
        ["queue.recipients_per_attempt"] = "50",
        ["queue.destination_pause"] = "10m",
        ["queue.return_size"] = "1MiB",
        ["queue.notices_to_strangers"] = "10",
        ["queue.notice_pause"] = "2m",
        ["queue.notice_copies"] = "postmaster@example.test",
        ["trace.size"] = "1MiB",
        ["trace.age"] = "1d",
        ["sendmail.folder"] = "/var/spool/fullstack",
        ["sendmail.trusted_users"] = "[www-data]",
        ["relay_domains"] = "[{ domain: example.net }]",
        ["aliases.file"] = "/dev/null",
        ["aliases.domains"] = "[example.org]",
        ["aliases.programs"] = "false",
        ["aliases.max_addresses"] = "500",
        ["masquerade.file"] = "/dev/null",
        ["masquerade.domains"] = "[\"!lab.example.test\", example.test]",
        ["masquerade.except_users"] = "[root]",
        ["masquerade.fields"] = "[envelope, senders, recipients]",
        ["masquerade.relayed"] = "true",
        ["forward.accounts"] = "[\"*\"]",
        ["forward.programs"] = "[\"@example.org\"]",
        ["programs.user"] = "\"12:34\"",
        ["programs.time_limit"] = "1m",
        ["programs.file_size"] = "1MiB",
    };

    [Fact]
    public void Every_option_has_its_key()
    {
        Dictionary<string, string> before = Options(Base);
        HashSet<string> reached = [];
        foreach ((string key, string value) in s_changed)
        {
            int dot = key.IndexOf('.', StringComparison.Ordinal);
            Dictionary<string, string> after = Options(dot < 0 ? $"{Base}{key}: {value}\n" : $"{Base}{key[..dot]}: {{ {key[(dot + 1)..]}: {value} }}\n");
            string[] changed = [.. after.Where(option => before[option.Key] != option.Value).Select(static option => option.Key)];
            Assert.True(changed.Length == 1, $"{key} changes [{string.Join(", ", changed)}]");
            Assert.True(reached.Add(changed[0]), $"{changed[0]} has two keys, {key} and another");
        }

        Assert.Equal([], before.Keys.Except(reached).Except(s_derived));
        Assert.Equal([], s_derived.Except(before.Keys));
    }

    [Fact]
    public void Every_key_of_an_option_is_looked_at()
    {
        string[] sections = [.. s_changed.Keys.Select(static key => key.Split('.')[0]).Distinct()];
        IEnumerable<string> keys = Settings.All.Select(static s => s.Name).Where(name => sections.Contains(name.Split('.')[0]));
        Assert.Equal(keys.Order(), s_changed.Keys.Order());
    }

    /// <summary>All options that a configuration gives to the projects, as <c>Smtp.MaxErrors</c> and text.</summary>
    private static Dictionary<string, string> Options(string text)
    {
        ConfigurationFile file = ConfigurationFile.Parse(text, "/etc/fullstack.yaml");
        Assert.Equal([], file.Problems);
        ServerConfiguration all = file.Configuration!;
        Dictionary<string, string> options = [];
        foreach ((string part, object values) in (ReadOnlySpan<(string, object)>)
            [("Acme", all.Acme), ("Auth", all.Auth), ("Tokens", all.Auth.Tokens), ("Smtp", all.Smtp), ("SmtpExtensions", all.Smtp.Extensions), ("Submission", all.Smtp.Submission), ("Pop3", all.Pop3), ("Maildrop", all.Pop3.Maildrop),
                ("Imap", all.Imap), ("Store", all.Store), ("Routing", all.Routing), ("Queue", all.Queue), ("Dns", all.Dns), ("Relay", all.Relay), ("Outgoing", all.Outgoing), ("Quota", all.Quota),
                ("Sharing", all.Imap.Sharing), ("Checkpoints", all.Checkpoints), ("Aliases", all.Routing.Aliases), ("Masquerade", all.Routing.Masquerade), ("Programs", all.Programs), ("Guard", all.Smtp.Guard), ("Sendmail", all.Sendmail), ("Trace", all.Trace)])
        {
            foreach (PropertyInfo property in values.GetType().GetProperties().Where(static p => p.SetMethod is { IsPublic: true } && p.PropertyType != typeof(SharingOptions) && p.PropertyType != typeof(AliasOptions) && p.PropertyType != typeof(MasqueradeOptions) && p.PropertyType != typeof(TokenOptions) && p.PropertyType != typeof(GuardOptions) && p.PropertyType != typeof(MaildropOptions) && p.PropertyType != typeof(SmtpExtensionOptions) && p.PropertyType != typeof(SubmissionOptions)))
                options.Add($"{part}.{property.Name}", TextOf(property.GetValue(values)));
        }

        return options;
    }

    private static string TextOf(object? value)
        => value is System.Collections.IEnumerable many and not string ? string.Join(' ', many.Cast<object>()) : Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
