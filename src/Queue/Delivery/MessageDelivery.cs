using FullStack.Queue.Notices;
using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Delivery;

/// <summary>Takes accepted messages on: into the mail store within the SMTP transaction what is for this host, into the queue what is for others.</summary>
public sealed class MessageDelivery(DeliveryParts parts) : IMessageSink
{
    public bool CanHold => true;

    public bool CanVarySender => true;

    public async ValueTask<IMessageIntake> BeginAsync(QueueId id, Envelope envelope, SmtpPeer peer, CancellationToken ct)
    {
        MessageOrigin origin = MessageOrigin.Of(peer, parts.Rights.IsTrusted(peer));
        DeliveryIntake intake = new(parts, id, envelope, origin, peer.DropName);
        try
        {
            await intake.BeginAsync(ct);
            return intake;
        }
        catch
        {
            await intake.DisposeAsync();
            throw;
        }
    }
}

/// <summary>What deliveries share.</summary>
public sealed record DeliveryParts
{
    public required MailStore Store { get; init; }
    public required MessageQueue Queue { get; init; }
    public required QueueOptions Options { get; init; }

    /// <summary>Where mail to other hosts goes.</summary>
    public required RouteTable Routes { get; init; }

    /// <summary>Whose mail bears an address that somebody answers for.</summary>
    public required RelayRights Rights { get; init; }

    /// <summary>Tells senders.</summary>
    public required NoticeDesk Notices { get; init; }

    /// <summary>What a sender hears of a mailbox that is full.</summary>
    public required OverQuota Over { get; init; }

    public required TimeProvider Time { get; init; }
    public required ILogger Log { get; init; }
}
