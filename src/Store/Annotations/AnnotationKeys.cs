using FullStack.Store.Accounts;

namespace FullStack.Store.Annotations;

/// <summary>
/// The names under which annotations of a mailbox are kept: <c>shared/comment</c> for all, <c>priv/comment</c> for the mailbox's
/// owner, <c>~user@domain/comment</c> for another user.
/// </summary>
/// <param name="owner">Whose mailbox it is.</param>
/// <param name="user">Who looks at it.</param>
internal sealed class AnnotationKeys(AccountName owner, AccountName user)
{
    private const string Shared = "shared/";

    private readonly string _private = user == owner ? "priv/" : $"~{user}/";

    public string Of(string entry, bool isShared) => string.Concat(isShared ? Shared : _private, entry.AsSpan(1));

    /// <summary>Whether the user sees what is kept under a name.</summary>
    public bool IsVisible(string key) => key.StartsWith(Shared, StringComparison.Ordinal) || key.StartsWith(_private, StringComparison.Ordinal);

    /// <summary>What the user sees; null where it is another's.</summary>
    public Annotation? Show(string key, byte[] value)
        => key.StartsWith(Shared, StringComparison.Ordinal) ? new(key[(Shared.Length - 1)..], true, value)
            : key.StartsWith(_private, StringComparison.Ordinal) ? new(key[(_private.Length - 1)..], false, value) : null;
}
