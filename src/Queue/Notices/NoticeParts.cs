using FullStack.Queue.Routing;
using FullStack.Queue.Spool;
using FullStack.Smtp;
using FullStack.Store;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Notices;

/// <summary>What notices are made with.</summary>
public sealed record NoticeParts
{
    public required MailStore Store { get; init; }
    public required MessageQueue Queue { get; init; }

    /// <summary>The settings as they are now.</summary>
    public required Func<QueueOptions> Options { get; init; }

    /// <summary>The routes as they are now.</summary>
    public required Func<RouteTable> Routes { get; init; }

    /// <summary>Where mail to an address goes; null: nobody has it.</summary>
    public required Func<MailboxAddress, CancellationToken, ValueTask<MailRoute?>> ResolveAsync { get; init; }

    /// <summary>This host's name.</summary>
    public required string HostName { get; init; }

    public required QueueIdSource QueueIds { get; init; }
    public required TimeProvider Time { get; init; }
    public required ILogger Log { get; init; }
}
