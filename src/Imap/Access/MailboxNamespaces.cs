using System.Diagnostics.CodeAnalysis;
using System.Text;
using FullStack.Imap.Grammar;
using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Imap.Access;

/// <summary>
/// The names under which a user finds mailboxes of other accounts: <c>#user.NAME</c> is the INBOX of the account NAME,
/// <c>#user.NAME.X</c> its mailbox X; <c>#shared</c> and <c>#shared.X</c> are the same of the shared account.
/// </summary>
/// <remarks>
/// RFC 2342. As at Cyrus, a dot in NAME is written <c>^</c>, for dots part levels; a name that has a <c>^</c> is not reached. A name of
/// another domain is written whole, with its @. Each mailbox has one name: neither the user's own account nor the shared one has another below <c>#user</c>.
/// </remarks>
internal sealed class MailboxNamespaces(SharingOptions options, AccountName user)
{
    private const char Dot = '^';

    private readonly AccountName? _shared = SharedOf(options, user);

    /// <summary>The name above those of other users; null where none is reached.</summary>
    public string? OtherUsers => options.Scope == SharingScope.Off ? null : options.OtherUsers;

    /// <summary>The name above those that are shared; null where there are none.</summary>
    public string? Shared => _shared is null ? null : options.Shared;

    /// <summary>The shared account of the user's domain; null where there is none, or it is the user's own.</summary>
    public AccountName? SharedAccount => _shared;

    /// <summary>Whether a name is not one of the user's own mailboxes, be there any such account or not.</summary>
    public bool IsForeign(MailboxName name) => IsAtOrBelow(name, OtherUsers) || IsAtOrBelow(name, Shared);

    /// <summary>Whose mailbox a foreign name is, and which. The account may be one that does not exist.</summary>
    public bool TryResolve(MailboxName name, [NotNullWhen(true)] out AccountName? owner, [NotNullWhen(true)] out MailboxName? inner)
    {
        (owner, inner) = (null, null);
        string rest;
        if (Shared is { } shared && IsAtOrBelow(name, shared))
        {
            owner = _shared;
            rest = name.Text[shared.Length..];
        }
        else if (OtherUsers is { } users && name.Text.Length > users.Length && IsAtOrBelow(name, users))
        {
            string below = name.Text[(users.Length + 1)..];
            int end = below.IndexOf(MailboxName.Separator, StringComparison.Ordinal);
            string label = end < 0 ? below : below[..end];
            rest = below[label.Length..];
            owner = OwnerOf(label);
        }
        else
        {
            return false;
        }

        if (owner is null)
            return false;
        if (rest.Length == 0)
            inner = MailboxName.Inbox;
        return inner is not null || MailboxName.TryParse(rest[1..], out inner);
    }

    /// <summary>What a mailbox of another account is called here; null where it has no name.</summary>
    public MailboxName? NameOf(AccountName owner, MailboxName inner)
    {
        string? root = owner == _shared ? Shared : LabelOf(owner) is { } label ? $"{OtherUsers}{MailboxName.Separator}{label}" : null;
        if (root is null)
            return null;
        return MailboxName.TryParse(inner.IsInbox ? root : $"{root}{MailboxName.Separator}{inner.Text}", out MailboxName? name) ? name : null;
    }

    /// <summary>A prefix as it is told: the name above and the separator, in UTF-8 for who enabled it, else in modified UTF-7; null where there is none.</summary>
    public static byte[]? PrefixOf(string? root, bool utf8)
        => root is null ? null : Encoding.UTF8.GetBytes((utf8 ? root : ModifiedUtf7.Encode(root)) + MailboxName.Separator);

    /// <summary>"the root name of the name given in the reference" (RFC 3501 §6.3.8): the prefix of its namespace.</summary>
    public byte[] RootOf(ReadOnlySpan<byte> reference, bool utf8)
    {
        foreach (string? root in (string?[])[OtherUsers, Shared])
        {
            if (PrefixOf(root, utf8) is { } prefix && reference.StartsWith(prefix))
                return prefix;
        }

        return [];
    }

    private static AccountName? SharedOf(SharingOptions options, AccountName user)
        => options.Scope != SharingScope.Off && options.SharedUser.Length > 0
            && AccountName.TryCreate(options.SharedUser, user.Domain, out AccountName? shared) && shared != user ? shared : null;

    private static bool IsAtOrBelow(MailboxName name, string? root)
        => root is not null && name.Text.StartsWith(root, StringComparison.Ordinal)
            && (name.Text.Length == root.Length || name.Text[root.Length] == MailboxName.Separator);

    private AccountName? OwnerOf(string label)
    {
        string address = label.Replace(Dot, '.');
        if (!address.Contains('@', StringComparison.Ordinal))
            address = $"{address}@{user.Domain}";
        return AccountName.TryParse(address, out AccountName? owner) && LabelOf(owner) == label ? owner : null;
    }

    /// <summary>What stands for an account below <see cref="OtherUsers"/>; null where it is not to be found there.</summary>
    private string? LabelOf(AccountName owner)
    {
        bool isHere = owner.Domain == user.Domain;
        string label = isHere ? owner.User : owner.ToString();
        bool isReached = owner != user && owner != _shared && (isHere ? options.Scope != SharingScope.Off : options.Scope == SharingScope.Server);
        bool isClear = !label.Contains(Dot, StringComparison.Ordinal) && !(isHere && label.Contains('@', StringComparison.Ordinal));
        return isReached && isClear ? label.Replace('.', Dot) : null;
    }
}
