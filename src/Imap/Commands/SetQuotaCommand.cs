using System.Diagnostics.CodeAnalysis;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;

namespace FullStack.Imap.Commands;

/// <summary>SETQUOTA: understood, and refused. Limits are set where accounts are, not by who has one.</summary>
/// <remarks>RFC 9208 §4.1.3; QUOTASET is not offered.</remarks>
internal sealed record SetQuotaCommand : IImapCommand<SetQuotaCommand>
{
    public static ImapVerb Verb { get; } = new("SETQUOTA", ImapStates.LoggedIn);

    /// <summary>SP quota-root-name SP "(" [setquota-resource *(SP setquota-resource)] ")"; setquota-resource = resource-name SP number64</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out SetQuotaCommand? command)
    {
        command = null;
        if (!reader.TryReadSpace() || !reader.TryReadAString(out _) || !reader.TryReadSpace() || !reader.TryReadOctet((byte)'('))
            return false;
        if (reader.Peek != (byte)')')
        {
            do
            {
                if (!reader.TryReadAtom(out _) || !reader.TryReadSpace() || !reader.TryReadNumber64(out _))
                    return false;
            }
            while (reader.TryReadSpace());
        }

        command = reader.TryReadOctet((byte)')') && reader.TryReadEnd() ? new() : null;
        return command is not null;
    }

    public ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
        => new(ImapCompletion.No("Quotas are set by the administrator", "NOPERM"));
}
