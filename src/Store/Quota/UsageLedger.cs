namespace FullStack.Store.Quota;

/// <summary>The numbers of one open account: what each mailbox keeps, as last known, and what is reserved for messages on their way into them.</summary>
/// <remarks>
/// What it keeps to:
/// <list type="number">
/// <item>Used and reserved together never exceed a limit through anything that this process does: a message's room is
/// reserved before it is placed, and turns into use in the same step in which the mailbox gets the message.</item>
/// <item>A mailbox's number is set, not added up, where the mailbox knows it: no error lasts.</item>
/// <item>A number with a stamp is right as long as the folder has that stamp.</item>
/// <item>Nothing waits for the disk under the lock, which is the domain's.</item>
/// </list>
/// </remarks>
/// <param name="domain">The numbers of its domain.</param>
/// <param name="folder">The name of the account's folder in the domain's.</param>
internal sealed class UsageLedger(DomainUsage domain, string folder)
{
    private readonly Dictionary<string, MailboxUsage> _mailboxes = [];
    private readonly HashSet<string> _unwritten = [];
    private QuotaAmount _used;
    private QuotaAmount _reserved;
    private QuotaAmount _unnoted;
    private bool _isCounted;
    private bool _isTracked;

    /// <summary>Called where there is something to write down.</summary>
    public required Action Changed { get; init; }

    public DomainUsage Domain => domain;

    public string Folder => folder;

    /// <summary>What the account keeps, as far as it is known.</summary>
    public QuotaAmount Used
    {
        get
        {
            lock (domain.Lock)
                return _used;
        }
    }

    /// <summary>Whether all mailboxes have been counted since the account was opened.</summary>
    public bool IsCounted => Volatile.Read(ref _isCounted);

    /// <summary>Takes over what was written down when the account was last open.</summary>
    public void Load(IReadOnlyList<UsageRow> rows)
    {
        lock (domain.Lock)
        {
            foreach (UsageRow row in rows)
            {
                _mailboxes[row.Entry] = new() { Amount = row.Amount, Stamp = row.Stamp };
                _used += row.Amount;
            }

            _isTracked = rows.Count > 0;
            domain.Report(folder, _used);
        }
    }

    /// <summary>Takes room for messages that are about to be placed.</summary>
    /// <returns>False where the limits do not allow so much more.</returns>
    public bool TryReserve(Reservation reservation, QuotaAmount amount, AccountLimits limits)
    {
        lock (domain.Lock)
        {
            bool fits = limits.Account.Allow(_used + _reserved + amount) && (limits.Domain.IsUnlimited || limits.Domain.Allow(domain.Taken + amount));
            if (fits)
                Change(reservation, amount);
            return fits;
        }
    }

    /// <summary>What a reservation still holds is free again.</summary>
    public void Free(Reservation reservation)
    {
        lock (domain.Lock)
            Change(reservation, default);
    }

    /// <summary>A loaded mailbox has changed, or was loaded.</summary>
    /// <param name="entry">Its entry.</param>
    /// <param name="amount">What it keeps now.</param>
    /// <param name="operation">
    /// The operation of this process that changed it: its reservation becomes use where the mailbox grew, and keeps what the mailbox lost; null where the
    /// change was found.
    /// </param>
    public void Set(string entry, QuotaAmount amount, Reservation? operation)
    {
        lock (domain.Lock)
        {
            MailboxUsage mailbox = Find(entry);
            QuotaAmount change = amount - mailbox.Amount;
            if (change == default && mailbox.Stamp == 0)
                return;
            mailbox.Stamp = 0;
            Update(entry, mailbox, amount);
            if (operation is null)
                return;
            bool isGrowth = change.Messages > 0;
            Change(operation, isGrowth ? default : operation.Amount - change);
            _unnoted += change;
        }
    }

    /// <summary>Messages were placed into a mailbox that is not loaded.</summary>
    public void Add(string entry, Reservation operation)
    {
        lock (domain.Lock)
        {
            MailboxUsage mailbox = Find(entry);
            mailbox.Stamp = 0;
            Update(entry, mailbox, mailbox.Amount + operation.Amount);
            _unnoted += operation.Amount;
            Change(operation, default);
        }
    }

    /// <summary>A mailbox is gone with all its messages.</summary>
    /// <param name="entry">Its entry.</param>
    /// <param name="isOurs">Whether this process removed it.</param>
    /// <returns>Whether anything was known of it.</returns>
    public bool Remove(string entry, bool isOurs)
    {
        lock (domain.Lock)
        {
            if (!_mailboxes.TryGetValue(entry, out MailboxUsage? mailbox))
                return false;
            if (isOurs)
                _unnoted -= mailbox.Amount;
            Update(entry, mailbox, default);
            return _mailboxes.Remove(entry);
        }
    }

    /// <summary>A mailbox has another entry.</summary>
    public void Rename(string from, string to)
    {
        lock (domain.Lock)
        {
            if (!_mailboxes.Remove(from, out MailboxUsage? mailbox))
                return;
            mailbox.Version++;
            _mailboxes[to] = mailbox;
            _unwritten.UnionWith([from, to]);
        }

        Tell();
    }

    /// <summary>With which stamp a mailbox was counted last, 0 where that says nothing, and the version of its number.</summary>
    public (long Stamp, int Version) Known(string entry)
    {
        lock (domain.Lock)
            return _mailboxes.TryGetValue(entry, out MailboxUsage? mailbox) ? (mailbox.Stamp, mailbox.Version) : default;
    }

    /// <summary>A mailbox was counted on the disk.</summary>
    /// <param name="entry">Its entry.</param>
    /// <param name="amount">What lies there.</param>
    /// <param name="stamp">The folder's stamp.</param>
    /// <param name="version">The version of its number when the count began: another one now comes from who loaded it meanwhile, and knows better.</param>
    public void SetCounted(string entry, QuotaAmount amount, long stamp, int version)
    {
        lock (domain.Lock)
        {
            MailboxUsage mailbox = Find(entry);
            if (mailbox.Version != version)
                return;
            mailbox.Stamp = stamp;
            _isTracked = true;
            Update(entry, mailbox, amount);
        }
    }

    /// <summary>All mailboxes that are there have been counted: the others are not there any more.</summary>
    public void EndCount(HashSet<string> there)
    {
        lock (domain.Lock)
        {
            foreach ((string entry, MailboxUsage mailbox) in _mailboxes.ToArray())
            {
                if (there.Contains(entry))
                    continue;
                Update(entry, mailbox, default);
                _mailboxes.Remove(entry);
            }

            _isCounted = true;
        }
    }

    /// <summary>What is to be written to other programs' file: the changes since it was asked last.</summary>
    /// <param name="used">What is used with these changes.</param>
    public QuotaAmount TakeUnnoted(out QuotaAmount used)
    {
        lock (domain.Lock)
        {
            QuotaAmount unnoted = _unnoted;
            (_unnoted, used) = (default, _used);
            return unnoted;
        }
    }

    /// <summary>What has not been written down yet; null where nothing is.</summary>
    public UsageChanges? TakeUnwritten()
    {
        lock (domain.Lock)
        {
            if (_unwritten.Count == 0)
                return null;
            UsageChanges changes = new(domain.Folder, folder, [], []);
            foreach (string entry in _unwritten)
            {
                if (_mailboxes.TryGetValue(entry, out MailboxUsage? mailbox))
                    changes.Changed.Add(new(entry, mailbox.Amount, mailbox.Stamp));
                else
                    changes.Gone.Add(entry);
            }

            _unwritten.Clear();
            return changes;
        }
    }

    private MailboxUsage Find(string entry)
    {
        if (!_mailboxes.TryGetValue(entry, out MailboxUsage? mailbox))
            _mailboxes[entry] = mailbox = new();
        return mailbox;
    }

    private void Update(string entry, MailboxUsage mailbox, QuotaAmount amount)
    {
        _used += amount - mailbox.Amount;
        mailbox.Amount = amount;
        mailbox.Version++;
        domain.Report(folder, _used);
        _unwritten.Add(entry);
        Tell();
    }

    private void Change(Reservation reservation, QuotaAmount amount)
    {
        QuotaAmount change = amount - reservation.Amount;
        reservation.Amount = amount;
        _reserved += change;
        domain.Reserve(change);
    }

    /// <summary>An account that never had a limit is not worth writing down.</summary>
    private void Tell()
    {
        if (_isTracked)
            Changed();
    }
}
