using FullStack.Store.Accounts;
using FullStack.Store.Mailboxes;

namespace FullStack.Store.Identity;

/// <summary>An entry of metadata, of a mailbox or, where there is none, of the account.</summary>
/// <param name="Mailbox">The mailbox; null: the account.</param>
/// <param name="Entry">The entry's name in lower case.</param>
public readonly record struct MetadataName(MailboxName? Mailbox, string Entry);

/// <summary>
/// What others changed of an account's metadata since it was last asked. Each entry is there once, however often it changed;
/// of very many, those beyond <see cref="MaxNames"/> are left out.
/// </summary>
public sealed class MetadataWatch : IDisposable
{
    /// <summary>Most entries that wait to be asked for.</summary>
    public const int MaxNames = 1000;

    private readonly Lock _gate = new();
    private readonly HashSet<MetadataName> _names = [];
    private readonly Action<MetadataWatch> _end;

    internal MetadataWatch(AccountName user, Action<MetadataWatch> end) => (User, _end) = (user, end);

    /// <summary>Who watches.</summary>
    public AccountName User { get; }

    /// <summary>Whether only entries of the account itself count, and none of its mailboxes.</summary>
    public bool OnlyAccount { get; set; }

    /// <summary>Called, from any thread and without any lock held, when something changed. Must not block.</summary>
    public Action? Changed { get; set; }

    /// <summary>What changed since the last call.</summary>
    public IReadOnlyCollection<MetadataName> Drain()
    {
        lock (_gate)
        {
            MetadataName[] names = [.. _names];
            _names.Clear();
            return names;
        }
    }

    public void Dispose()
    {
        Changed = null;
        _end(this);
    }

    internal void Note(MailboxName? mailbox, IEnumerable<string> entries)
    {
        bool any = false;
        if (OnlyAccount && mailbox is not null)
            return;
        lock (_gate)
        {
            foreach (string entry in entries)
            {
                if (_names.Count < MaxNames)
                    any |= _names.Add(new(mailbox, entry));
            }
        }

        if (any)
            Changed?.Invoke();
    }
}
