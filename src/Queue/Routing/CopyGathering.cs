using FullStack.Queue.Programs;
using FullStack.Smtp;
using FullStack.Store.Accounts;

namespace FullStack.Queue.Routing;

/// <summary>Gathers what an address leads to, by the sender that it is to have from there on.</summary>
/// <param name="root">The recipient.</param>
internal sealed class CopyGathering(MailboxAddress root)
{
    private readonly Dictionary<AccountName, LocalTarget> _targets = [];
    private readonly HashSet<AccountName> _listed = [];
    private readonly Dictionary<string, Part> _parts = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _elsewhere = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Mailboxes that get the message as it came.</summary>
    public IReadOnlyCollection<LocalTarget> Targets => _targets.Values;

    /// <summary>Copies that are messages of their own.</summary>
    public IReadOnlyList<ForwardedCopy> Copies =>
    [
        .. _parts.Values.Select(part => new ForwardedCopy(root, part.Owner) { Targets = part.Targets, Elsewhere = part.Elsewhere, Actions = part.Actions }),
    ];

    /// <summary>A mailbox gets a copy: one, whatever ways lead to it.</summary>
    public void Add(LocalTarget target, MailboxAddress? owner)
    {
        if (owner is null)
            _targets.TryAdd(target.Account, target);
        else if (!_targets.ContainsKey(target.Account) && _listed.Add(target.Account))
            PartOf(owner).Targets.Add(target);
    }

    public void Add(MailboxAddress elsewhere, MailboxAddress? owner)
    {
        if (_elsewhere.Add($"{elsewhere.LocalPart}@{elsewhere.Domain}"))
            PartOf(owner).Elsewhere.Add(elsewhere);
    }

    public void Add(LocalAction action, MailboxAddress? owner)
    {
        Part part = PartOf(owner);
        if (part.Known.Add(action))
            part.Actions.Add(action);
    }

    private Part PartOf(MailboxAddress? owner)
    {
        string key = owner?.ToString() ?? "";
        if (!_parts.TryGetValue(key, out Part? part))
            _parts.Add(key, part = new(owner));
        return part;
    }

    private sealed record Part(MailboxAddress? Owner)
    {
        public List<LocalTarget> Targets { get; } = [];
        public List<MailboxAddress> Elsewhere { get; } = [];
        public List<LocalAction> Actions { get; } = [];
        public HashSet<LocalAction> Known { get; } = [];
    }
}
