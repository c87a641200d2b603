using FullStack.Queue.Aliases;
using FullStack.Queue.Programs;
using FullStack.Smtp;

namespace FullStack.Queue.Routing;

/// <summary>Makes of the programs and files among targets what is to be done for an address.</summary>
/// <param name="root">The address.</param>
/// <param name="allowed">Whether aliases may lead to programs and files; users' own files are asked before.</param>
/// <param name="refused">Told of a target that may not be led to.</param>
internal sealed class TargetActions(MailboxAddress root, bool allowed, Action<AliasTarget> refused)
{
    private static readonly FileTarget s_drop = new("/dev/null");

    /// <summary>What is to be done, each by itself. In a .courier file what stands behind a program is done when that has succeeded.</summary>
    public IEnumerable<LocalAction> Of(IReadOnlyList<AliasTarget> targets, TargetSource source)
    {
        bool inOrder = source.File?.IsCourier == true;
        int first = inOrder ? targets.TakeWhile(static target => target is not ProgramTarget).Count() : targets.Count;
        LocalAction? chain = null;
        for (int at = targets.Count - 1; at >= first; at--)
        {
            if (Of(targets[at], source) is { } action)
                chain = action with { Next = chain };
        }

        IEnumerable<LocalAction> separate = targets.Take(first).Select(target => Of(target, source)).OfType<LocalAction>();
        return chain is null ? separate : separate.Append(chain);
    }

    /// <summary>Drops the mail, for a user whose own file says so.</summary>
    public LocalAction Drop(TargetSource source) => Do(s_drop, source);

    private LocalAction? Of(AliasTarget target, TargetSource source)
    {
        if (target is not (ProgramTarget or FileTarget) || source.IsMailbox(target))
            return null;
        if (source.File is not null || allowed)
            return Do(target, source);
        refused(target);
        return null;
    }

    private LocalAction Do(AliasTarget target, TargetSource source) => new()
    {
        Command = (target as ProgramTarget)?.Command,
        File = (target as FileTarget)?.Path,
        Recipient = $"{root.LocalPart}@{root.Domain}",
        Account = source.File is null ? null : source.Address,
        Home = source.File?.Home,
        Extension = source.Extension.Length == 0 ? null : source.Extension,
        Default = source.File?.Default,
        User = source.File?.Owner?.User,
        Group = source.File?.Owner?.Group,
        IsCourier = source.File?.IsCourier ?? false,
    };
}
