using System.Net;
using FullStack.Queue.Delivery;
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

    /// <summary>The destination could not be reached.</summary>
    public bool IsUnreachable { get; private set; }

    public async Task<List<TriedRecipient>> RunAsync(NextHop hop, IReadOnlyList<QueuedRecipient> recipients, CancellationToken ct)
    {
        HostSearch search = await parts.Hosts.FindAsync(hop, TlsWishes.Of(message.Envelope), ct);
        if (search.Failure is { } failure)
        {
            IsUnreachable = failure.IsTemporary;
            return [.. recipients.Select(recipient => new TriedRecipient(recipient, failure, "none") { Kind = FailureKinds.OfSearch(failure) })];
        }

        OutgoingMessage outgoing = Outgoing(recipients);
        List<TriedRecipient> tried = [];
        foreach (RemoteHost host in search.Hosts.Take(MaxHosts))
        {
            AttemptReport report = await parts.Client.SendAsync(host, outgoing, ct);
            IsUnreachable = report.TryNextHost;
            string relay = NameOf(host);
            tried = [.. recipients.Zip(report.Results, (recipient, result) => new TriedRecipient(recipient, result.Status, relay)
            {
                Host = result.IsRemote ? report.RemoteName ?? host.Name : null, DsnPassedOn = result.DsnPassedOn,
                Kind = FailureKinds.OfAttempt(result.Status, result.IsRemote, report.TryNextHost),
            })];
            if (!report.TryNextHost)
                break;
        }

        // A host that is permanently unwilling is no reason to let the others of its destination wait.
        IsUnreachable &= tried.TrueForAll(static one => one.Status.IsTemporary);
        return tried;
    }

    private OutgoingMessage Outgoing(IReadOnlyList<QueuedRecipient> recipients) => new()
    {
        Id = message.Id,
        Envelope = message.Envelope.Verp is { } verp && recipients is [QueuedRecipient only]
            ? StoredEnvelope.Read(verp.SenderFor(message.Envelope.Sender, only.Path), StoredEnvelope.Write(message.Envelope))
            : message.Envelope,
        Recipients = [.. recipients.Select(static recipient => new OutgoingRecipient(recipient.Path, recipient.Dsn)
        {
            ValidSince = recipient.ValidSince, ValidSinceMayLapse = recipient.ValidSinceMayLapse,
        })],
        Octets = message.Octets,
        Open = _ => new(MailboxCopy.Open(content, message.Skip, message.Envelope.Body)),
    };

    private static string NameOf(RemoteHost host)
        => host.EndPoint is IPEndPoint { Address: var address, Port: var port } ? $"{host.Name}[{address}]:{port}" : $"{host.Name}[{host.EndPoint}]";
}
