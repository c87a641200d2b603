namespace FullStack.Smtp;

/// <summary>Two characters that write a recipient into the sender's address, so that a bounce says by its own address whom it is about.</summary>
/// <remarks>
/// Variable envelope return paths, as qmail and Postfix have them (XVERP): of <c>list@example.org</c> and the recipient <c>user@example.net</c> comes
/// <c>list+user=example.net@example.org</c>.
/// </remarks>
/// <param name="AfterLocalPart">Between the sender's local part and the recipient.</param>
/// <param name="ForAt">In place of the recipient's @.</param>
public sealed record VerpDelimiters(char AfterLocalPart, char ForAt)
{
    public static VerpDelimiters Default { get; } = new('+', '=');

    /// <summary>The sender that a message to one recipient has. The null path stays as it is.</summary>
    public ReversePath SenderFor(ReversePath sender, ForwardPath recipient) => sender.Address is { } address
        ? new($"{address.LocalPart}{AfterLocalPart}{recipient.Address.LocalPart}{ForAt}{recipient.Address.Domain}", address.Domain)
        : sender;
}
