using FullStack.Queue.Delivery;
using FullStack.Queue.Masquerading;
using FullStack.Queue.Notices;
using FullStack.Queue.Programs;
using FullStack.Queue.Relay;
using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Smtp.Client;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Schedule;

/// <summary>What attempts work with.</summary>
public sealed record AttemptParts
{
    public required MessageQueue Queue { get; init; }
    public required MailStore Store { get; init; }

    /// <summary>The settings as they are now.</summary>
    public required Func<QueueOptions> Options { get; init; }

    /// <summary>The routes as they are now.</summary>
    public required Func<RouteTable> Routes { get; init; }

    /// <summary>What a sender hears of a mailbox that is full.</summary>
    public required Func<OverQuota> Over { get; init; }

    /// <summary>Names messages.</summary>
    public required QueueIdSource QueueIds { get; init; }

    /// <summary>The sender under which mail from one is forwarded to other hosts.</summary>
    public Func<ReversePath, CancellationToken, ValueTask<ReversePath>> SenderElsewhereAsync { get; init; } = static (sender, _) => new(sender);

    /// <summary>What addresses are called outside, by the settings as they are now.</summary>
    public Func<Masquerade> Masquerade { get; init; } = static () => Masquerading.Masquerade.None;

    /// <summary>The settings of programs as they are now.</summary>
    public Func<ProgramOptions> Programs { get; init; } = static () => new();

    /// <summary>Knows since when accounts have had their owners.</summary>
    public required IRecipientHistory History { get; init; }

    public required IHostFinder Hosts { get; init; }
    public required IMailClient Client { get; init; }

    /// <summary>Tells senders.</summary>
    public required NoticeDesk Notices { get; init; }

    /// <summary>Counts what comes of attempts; null: nobody wants to know.</summary>
    public QueueMetrics? Metrics { get; init; }

    public required TimeProvider Time { get; init; }
    public required ILogger Log { get; init; }
}
