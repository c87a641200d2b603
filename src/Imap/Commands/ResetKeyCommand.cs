using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Imap.Server;
using FullStack.Imap.Urls;
using FullStack.Store;
using FullStack.Store.Acl;

namespace FullStack.Imap.Commands;

/// <summary>RESETKEY: revokes the URLs of a mailbox that others may use, or all of them.</summary>
/// <remarks>RFC 4467 §7.</remarks>
/// <param name="Mailbox">The mailbox; null: all.</param>
/// <param name="Mechanisms">For which mechanisms; none: INTERNAL.</param>
internal sealed record ResetKeyCommand(MailboxArgument? Mailbox, IReadOnlyList<string> Mechanisms) : IImapCommand<ResetKeyCommand>
{
    private const int MaxMechanisms = 10;

    public static ImapVerb Verb { get; } = new("RESETKEY", ImapStates.LoggedIn);

    /// <summary>[SP mailbox *(SP mechanism)]</summary>
    public static bool TryParse(ref ImapReader reader, [NotNullWhen(true)] out ResetKeyCommand? command)
    {
        command = null;
        if (reader.TryReadEnd())
        {
            command = new(null, []);
            return true;
        }

        List<string> mechanisms = [];
        if (!reader.TryReadSpace() || !reader.TryReadMailbox(out MailboxArgument mailbox))
            return false;
        while (mechanisms.Count < MaxMechanisms && reader.TryReadSpace())
        {
            if (!reader.TryReadAtom(out ReadOnlySpan<byte> mechanism))
                return false;
            mechanisms.Add(Encoding.ASCII.GetString(mechanism));
        }

        command = reader.TryReadEnd() ? new(mailbox, mechanisms) : null;
        return command is not null;
    }

    public async ValueTask<ImapCompletion> ExecuteAsync(ImapSession session, CancellationToken ct)
    {
        if (Mailbox is not { } mailbox)
        {
            Result<Nothing> removed = await session.Account.UrlKeys.RemoveAllAsync(ct);
            return removed.Ok ? ImapCompletion.Ok("All keys removed") : ImapCompletion.No(removed.Error);
        }

        if (mailbox.Name is not { } name)
            return ImapCompletion.No(StoreError.BadName);
        if (Mechanisms.Any(static mechanism => !mechanism.Equals(UrlAuthority.Mechanism, StringComparison.OrdinalIgnoreCase)))
            return ImapCompletion.No("The only mechanism here is INTERNAL", "CANNOT");
        Result<string> id = await UrlAuthority.IdAsync(session.Access, name, AclRights.Read, ct);
        if (!id.Ok)
            return ImapCompletion.No(id.Error);
        Result<byte[]> replaced = await session.Account.UrlKeys.ReplaceAsync(id.Value, ct);
        return replaced.Ok ? ImapCompletion.Ok("RESETKEY completed", ResponseCodes.UrlMechanisms) : ImapCompletion.No(replaced.Error);
    }
}
