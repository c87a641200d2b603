using FullStack.Auth.Backends;
using FullStack.Queue.Programs;
using FullStack.Store.Accounts;
using FullStack.Store.Outside;
using Microsoft.Extensions.Logging;

namespace FullStack.Queue.Aliases;

/// <summary>Finds the file of a user's own that is for an address: .courier files first, then .forward.</summary>
/// <remarks>
/// <para>
/// For <c>user+foo-bar</c>: <c>.courier-foo-bar</c>, <c>.courier-foo-default</c>, <c>.courier-default</c>, <c>.forward+foo-bar</c>, then as for <c>user</c>:
/// <c>.courier</c>, <c>.forward</c>. In names dots of the address are colons, and letters lower case.
/// </para>
/// <para>
/// A file that is broken, that others may write to, that is a symbolic link, or that names what its owner may not, is as if it were not there: mail goes into the
/// mailbox, where nothing of it is lost, and the log says why.
/// </para>
/// </remarks>
internal sealed class PersonalFiles(AliasOptions options, Func<AccountName, string> folderOf, ILogger log)
{
    private const int MaxExtension = 100;

    /// <summary>The file for an address.</summary>
    /// <param name="user">The account.</param>
    /// <param name="name">Its name.</param>
    /// <param name="extension">What the address has behind it; empty: nothing.</param>
    /// <returns>Null where the mailbox gets the mail.</returns>
    public PersonalFile? Find(DirectoryUser user, AccountName name, string extension)
    {
        if (!AliasOptions.Has(options.ForwardAccounts, user.Address))
            return null;
        string home = user.Home ?? folderOf(name);
        foreach ((string fileName, string? rest) in Names(extension))
        {
            string path = Path.Combine(home, fileName);
            if (!File.Exists(path))
                continue;
            bool isCourier = fileName.StartsWith(".courier", StringComparison.Ordinal);
            if (isCourier && new FileInfo(path).Length == 0)
                return null; // An empty one asks for what is done without it.
            return Read(path, isCourier, user) is { } file ? file with { Default = rest } : null;
        }

        return null;
    }

    private static IEnumerable<(string Name, string? Default)> Names(string extension)
    {
        if (extension.Length is > 0 and <= MaxExtension && !extension.AsSpan().ContainsAny("/\0"))
        {
            string safe = extension.ToLowerInvariant().Replace('.', ':');
            yield return ($".courier-{safe}", null);
            for (int dash = safe.LastIndexOf('-'); dash > 0; dash = safe.LastIndexOf('-', dash - 1))
                yield return ($".courier-{safe[..dash]}-default", extension[(dash + 1)..]);
            yield return (".courier-default", extension);
            yield return ($".forward+{extension.ToLowerInvariant()}", null);
        }

        yield return (".courier", null);
        yield return (".forward", null);
    }

    private PersonalFile? Read(string path, bool isCourier, DirectoryUser user)
    {
        if (SystemFiles.OwnerOf(path) is not { } owner)
            return Ignore(path, "it is no plain file");
        if ((File.GetUnixFileMode(path) & UnixFileMode.OtherWrite) != 0)
            return Ignore(path, "others may write to it");
        List<AliasProblem> problems = [];
        IReadOnlyList<AliasTarget>? targets = options.Files.ReadPersonal(path, isCourier, problems);
        foreach (AliasProblem problem in problems)
            QueueLog.AliasProblem(log, problem.ToString());
        if (targets is null)
            return null;
        if (targets.Any(static target => target is IncludeTarget))
            return Ignore(path, "it includes another file");
        bool acts = targets.Any(target => target is ProgramTarget || (target is FileTarget file && !IsMailbox(file, path)));
        if (acts && !AliasOptions.Has(options.ActionAccounts, user.Address))
            return Ignore(path, "it names a program or a file, which forward.programs does not allow");
        return new(path, targets) { IsCourier = isCourier, Owner = OwnerFor(user, owner) };
    }

    /// <summary>Whether a path is the account's own Maildir.</summary>
    public static bool IsMailbox(FileTarget target, string file)
        => target.Path.TrimEnd('/') == Path.Combine(Path.GetDirectoryName(file)!, "Maildir");

    private static UnixUser? OwnerFor(DirectoryUser user, UnixUser owner)
    {
        if (user.UserId is { } id && user.GroupId is { } group)
            return new(id, group);
        return owner.IsRoot || owner.User == SystemUsers.Own ? null : owner;
    }

    private PersonalFile? Ignore(string path, string reason)
    {
        QueueLog.PersonalFileIgnored(log, path, reason);
        return null;
    }
}
