namespace FullStack.Smtp;

/// <summary>Answers VRFY and EXPN.</summary>
/// <remarks>RFC 5321 §3.5. Each answer is null where it cannot be said now.</remarks>
public interface IAddressBook
{
    /// <summary>Whether somebody here has an address.</summary>
    /// <param name="localPart">The local part, or a user's name.</param>
    /// <param name="domain">The domain; empty: this host's own.</param>
    /// <param name="peer">Who asks.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The whole address, or none where nobody has it.</returns>
    ValueTask<IReadOnlyList<MailboxAddress>?> VerifyAsync(string localPart, string domain, SmtpPeer peer, CancellationToken ct);

    /// <summary>To whom an address leads, one step on: the members of an alias, or the account itself.</summary>
    /// <returns>Addresses as they were written into the alias; none where nobody has it.</returns>
    ValueTask<IReadOnlyList<string>?> ExpandAsync(string localPart, string domain, SmtpPeer peer, CancellationToken ct);
}
