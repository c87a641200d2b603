using System.Net;
using FullStack.Mime;
using FullStack.Queue.Delivery;
using FullStack.Queue.Masquerading;
using FullStack.Queue.Relay;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Store.Mailboxes;

namespace FullStack.Queue.Schedule;

/// <summary>One attempt to hand a message to another host.</summary>
internal sealed class RemoteAttempt(AttemptParts parts, QueuedMessage message, MessageContent content)
{
    /// <summary>Hosts of a domain tried in one attempt at most (RFC 5321 §5.1 asks for two at least).</summary>
    private const int MaxHosts = 10;

    private readonly long _began = parts.Time.GetTimestamp();

    /// <summary>The destination could not be reached.</summary>
    public bool IsUnreachable { get; private set; }

    public async Task<List<TriedRecipient>> RunAsync(NextHop hop, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct)
    {
        HostSearch search = await parts.Hosts.FindAsync(hop, TlsWishes.Of(message.Envelope), ct);
        if (search.Failure is { } failure)
        {
            IsUnreachable = failure.IsTemporary;
            return [.. recipients.Select(recipient => new TriedRecipient(recipient, failure, "none") { Kind = FailureKinds.OfSearch(failure), SetUp = parts.Time.GetElapsedTime(_began) })];
        }

        List<TriedRecipient> tried = [];
        foreach (IGrouping<bool, QueuedRecipient> some in recipients.GroupBy(KeepsAddresses))
            tried.AddRange(await SendAsync(search.Hosts, [.. some], await OutgoingAsync([.. some], some.Key, ct), ct));

        // A host that is permanently unwilling is no reason to let the others of its destination wait.
        IsUnreachable &= tried.TrueForAll(static one => one.Status.IsTemporary);
        return tried;
    }

    private async Task<List<TriedRecipient>> SendAsync(IReadOnlyList<RemoteHost> hosts, IReadOnlyList<QueuedRecipient> recipients, OutgoingMessage outgoing, CancellationToken ct)
    {
        List<TriedRecipient> tried = [];
        foreach (RemoteHost host in hosts.Take(MaxHosts))
        {
            AttemptReport report = await parts.Client.SendAsync(host, outgoing, ct);
            IsUnreachable = report.TryNextHost;
            string relay = NameOf(host);
            TimeSpan setUp = parts.Time.GetElapsedTime(_began) - report.Transmission;
            tried = [.. recipients.Zip(report.Results, (recipient, result) => new TriedRecipient(recipient, result.Status, relay)
            {
                Host = result.IsRemote ? report.RemoteName ?? host.Name : null, DsnPassedOn = result.DsnPassedOn, SetUp = setUp,
                Kind = FailureKinds.OfAttempt(result.Status, result.IsRemote, report.TryNextHost),
            })];
            if (!report.TryNextHost)
                break;
        }

        return tried;
    }

    private bool KeepsAddresses(QueuedRecipient recipient)
        => !parts.Masquerade().IsFor(message.Origin) || parts.Routes().KeepsAddresses(message.Envelope.Sender, recipient.Path.Address);

    private async ValueTask<OutgoingMessage> OutgoingAsync(IReadOnlyList<QueuedRecipient> recipients, bool keepsAddresses, CancellationToken ct)
    {
        Masquerade masquerade = keepsAddresses ? Masquerade.None : parts.Masquerade();
        HeaderRewriting? header = keepsAddresses ? null : await masquerade.PlanAsync(Open(), ct);
        ReversePath sender = masquerade.SenderOf(message.Envelope.Sender);
        if (message.Envelope.Verp is { } verp && recipients is [QueuedRecipient only])
            sender = verp.SenderFor(sender, only.Path);
        return new()
        {
            Id = message.Id,
            Envelope = sender == message.Envelope.Sender ? message.Envelope : StoredEnvelope.Read(sender, StoredEnvelope.Write(message.Envelope)),
            Recipients = [.. recipients.Select(static recipient => new OutgoingRecipient(recipient.Path, recipient.Dsn)
            {
                ValidSince = recipient.ValidSince, ValidSinceMayLapse = recipient.ValidSinceMayLapse,
            })],
            Octets = message.Octets + (header?.Growth ?? 0),
            Open = _ => new(header?.Apply(Open()) ?? Open()),
        };
    }

    private Stream Open() => MailboxCopy.Open(content, message.Skip, message.Envelope.Body);

    private static string NameOf(RemoteHost host)
        => host.EndPoint is IPEndPoint { Address: var address, Port: var port } ? $"{host.Name}[{address}]:{port}" : $"{host.Name}[{host.EndPoint}]";
}
