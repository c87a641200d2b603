using FullStack.Auth;
using FullStack.Net.Tls;
using FullStack.Smtp.Client;
using FullStack.Smtp.Stages;
using Microsoft.Extensions.Logging;

namespace FullStack.Smtp.Server;

/// <summary>What the SMTP listeners of one server share.</summary>
public sealed record SmtpEnvironment
{
    /// <summary>Limits and times.</summary>
    public required SmtpOptions Options { get; init; }

    /// <summary>Decides on senders and recipients.</summary>
    public required IRecipientPolicy Recipients { get; init; }

    /// <summary>Knows since when addresses have had their owners; null: nobody knows, and RRVS is not offered.</summary>
    public IRecipientHistory? History { get; init; }

    /// <summary>Answers VRFY and EXPN; null: nobody does.</summary>
    public IAddressBook? Addresses { get; init; }

    /// <summary>Fetches what users name by URL; null: BURL is not offered.</summary>
    public IMessageUrls? Urls { get; init; }

    /// <summary>Sends what waits for those who ask for it; null: nobody does, and ETRN is not offered.</summary>
    public IQueueRunner? Queue { get; init; }

    /// <summary>Finds the names of strangers' addresses; null: nobody needs them.</summary>
    public IClientNames? Names { get; init; }

    /// <summary>Keeps what has come of messages; null: nobody does, and CHECKPOINT is not offered.</summary>
    public ICheckpoints? Checkpoints { get; init; }

    /// <summary>Hands out mail that is fetched; null: nobody does.</summary>
    public IOnDemandRelay? OnDemand { get; init; }

    /// <summary>For connections that turn round: times and limits of our side as a client.</summary>
    public SmtpClientOptions Outgoing { get; init; } = new();

    /// <summary>Takes accepted messages on.</summary>
    public required IMessageSink Sink { get; init; }

    /// <summary>The filters that mail passes, in their order.</summary>
    public IReadOnlyList<ISmtpStage> Stages { get; init; } = [];

    /// <summary>Checks logins; null: nobody can log in.</summary>
    public required Authenticator? Authenticator { get; init; }

    /// <summary>For STARTTLS; null where there is no certificate.</summary>
    public required TlsServer? Tls { get; init; }

    /// <summary>Names messages; one for all listeners, so that no name comes twice.</summary>
    public required QueueIdSource QueueIds { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Where sessions log.</summary>
    public required ILoggerFactory Loggers { get; init; }
}
