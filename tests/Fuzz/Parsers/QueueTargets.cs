using System.Net;
using System.Text.Json;
using FullStack.Queue.Aliases;
using FullStack.Queue.Checkpoints;
using FullStack.Queue.Masquerading;
using FullStack.Queue.Relay;
using FullStack.Queue.Relay.Sts;
using FullStack.Queue.Spool;
using FullStack.Smtp;

namespace FullStack.Fuzz.Parsers;

/// <summary>Aliases, policies of other domains, and what the queue wrote down of its messages.</summary>
internal static class QueueTargets
{
    private static readonly string[] s_envelopes =
        ["{\"Body\":1,\"SmtpUtf8\":true,\"Return\":1,\"EnvelopeId\":\"x\",\"Deadline\":1795289851000,\"HoldUntil\":1795289851000,\"Priority\":3,\"Verp\":\"-=\"}", "{}", "null", "{\"Deadline\":99999999999999999}"];

    private static readonly string[] s_recipients =
        ["{\"Notify\":6,\"OriginalType\":\"rfc822\",\"Original\":\"a@b\",\"ValidSince\":1795289851000,\"Copy\":{\"From\":\"a@b\",\"Targets\":[\"c@d\"],\"Elsewhere\":[\"e@f\"]}}", "{\"ValidSince\":99999999999999999}", "{\"Copy\":{\"Targets\":null}}"];

    public static IReadOnlyList<ParserTarget> All { get; } =
    [
        new("AliasReader.Read", ["root: alice, \\bob\nstaff: :include:/etc/mail/staff,\n \"|/usr/bin/prog -a\", /var/mail/x\n", "a: a\nb: @x, \"\n"], static input
            => Read(problems => AliasReader.Read("/etc/aliases", input.Text, problems))) { MaxPerOctet = 1024 },
        new("AliasReader.ReadList", ["alice, bob\n\"|vacation alice\"\n/home/alice/Maildir/\n\\alice\n"], static input => Read(problems => AliasReader.ReadList("/x", input.Text, problems))) { MaxPerOctet = 1024 },
        new("CourierReader.Read", ["./Maildir/\n|maildrop\n!joe@example.org\n&a@b, c@d\n"], static input => Read(problems => CourierReader.Read("/x", input.Text, "/home/alice", problems))) { MaxPerOctet = 1024 },
        new("MasqueradeTable.Read", ["ann@pc1.lan\tann@example.org\n@pc2.lan @example.org\n@.lan office@example.org\n"], static input
            => Read(problems => MasqueradeTable.Read("/x", input.Text, problems))) { MaxPerOctet = 1024 },
        new("StoredCheckpoint.Read", ["{\"SenderLocal\":\"a\",\"SenderDomain\":\"b\",\"Recipients\":[{\"Local\":\"c\",\"Domain\":\"d\",\"Details\":\"{}\"}],\"Completed\":12,\"Octets\":99}", "{\"Recipients\":null}", "{\"Recipients\":[null]}",
            "{\"Recipients\":[{\"Local\":\"c\",\"Domain\":\"d\",\"Details\":\"{\\\"ValidSince\\\":99999999999999999}\"}]}", "{\"Recipients\":[{\"Local\":null,\"Domain\":null,\"Details\":null}]}"], static input => StoredCheckpoint.Read(input.Span)) { MaxPerOctet = 256 },
        new("StoredEnvelope.Read", s_envelopes, static input =>
        {
            Envelope envelope = StoredEnvelope.Read(ReversePath.Null, input.Text);
            string written = StoredEnvelope.Write(envelope);
            Assert.Equal(written, StoredEnvelope.Write(StoredEnvelope.Read(ReversePath.Null, written)));
        }) { MaxPerOctet = 256, Refusal = typeof(JsonException) },
        new("StoredRecipient.Read", s_recipients, static input =>
        {
            StoredRecipient recipient = StoredRecipient.Read(input.Text);
            _ = (recipient.Dsn, recipient.ValidSinceTime);
        }) { MaxPerOctet = 256, Refusal = typeof(JsonException) },
        new("StoredOrigin.Read", ["{\"ConnectionId\":\"x\",\"Account\":\"a@b\",\"Address\":\"192.0.2.1\"}", "null"], static input => Assert.NotNull(StoredOrigin.Read(input.Text))) { MaxPerOctet = 256, Refusal = typeof(JsonException) },
        new("StoredOutcome.Read", ["Delivered", "Failed", "7"], static input => _ = StoredOutcome.Read(input.Text)) { Refusal = typeof(FormatException) },
        new("StoredStatus.Read", ["5.1.1", "4.4.2", "1.2"], static input =>
        {
            if (StoredStatus.Read(input.Text) is { } status && input.Text is "5.1.1")
                Assert.Equal(input.Text, status.ToString());
        }) { Refusal = typeof(FormatException) },
        new("AddressLiteral.TryParse", ["[192.0.2.1]", "[IPv6:2001:db8::1]", "[x:y]"], static input => AddressLiteral.TryParse(input.Text, out IPAddress? _)),
        new("StsPolicy.TryParse", ["version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmx: *.example.net\r\nmax_age: 604800\r\n", "version: STSv1\nmode: none\nmax_age: 0"], static input =>
        {
            if (StsPolicy.TryParse(input.Span, out StsPolicy? policy))
                Assert.True(StsPolicy.TryParse(System.Text.Encoding.UTF8.GetBytes(string.Join("\r\n", policy.Lines)), out StsPolicy? again) && again.Patterns.SequenceEqual(policy.Patterns) && again.Mode == policy.Mode && again.MaxAge == policy.MaxAge);
        }) { MaxPerOctet = 256 },
    ];

    private static void Read(Action<List<AliasProblem>> read)
    {
        List<AliasProblem> problems = [];
        read(problems);
        Assert.InRange(problems.Count, 0, 100);
    }
}
