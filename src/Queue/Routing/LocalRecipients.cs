using FullStack.Auth.Backends;
using FullStack.Smtp;

namespace FullStack.Queue.Routing;

/// <summary>Resolves recipients of local domains: accounts, plus addresses, aliases, catch-alls.</summary>
public sealed class LocalRecipients(AccountDirectory directory, RoutingOptions options) : IRecipientPolicy
{
    public ValueTask<DeliveryStatus> CheckSenderAsync(ReversePath sender, SmtpPeer peer, CancellationToken ct) => throw new NotImplementedException();

    public ValueTask<RecipientVerdict> CheckRecipientAsync(ForwardPath recipient, Envelope envelope, SmtpPeer peer, CancellationToken ct)
        => throw new NotImplementedException();
}

/// <summary>Settings of routing.</summary>
public sealed class RoutingOptions
{
    /// <summary>Local domains besides those of the directory.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Character after which the local part is a detail that does not choose the account; empty: none does.</summary>
    public string DetailSeparator { get; init; } = "+";
}
