using FullStack.Store.Posix;

namespace FullStack.Store.Quota;

/// <summary>
/// Keeps the file by which other programs learn what an account keeps: where the account has a limit, and where the file is
/// there already. What this process adds or removes is appended, soon after and several changes as one; what others append
/// is left to stand, and a sign that it is time to count.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="usage">What the account keeps.</param>
/// <param name="file">The file.</param>
/// <param name="runBehind">Runs work that the account waits for when it closes.</param>
internal sealed class UsageNote(StoreContext store, AccountUsage usage, IUsageFile file, Action<Func<CancellationToken, Task>> runBehind)
{
    private readonly AsyncLock _lock = new();
    private QuotaAmount? _expected;
    private volatile bool _isIdle;
    private int _isWaiting;

    /// <summary>Whether the account has a limit. Told by whoever asked for it last.</summary>
    public bool IsWanted { get; set; }

    /// <summary>The account has changed.</summary>
    public void Wake()
    {
        bool isNeeded = IsWanted || !_isIdle;
        if (isNeeded && Interlocked.Exchange(ref _isWaiting, 1) == 0)
            runBehind(ct => UpdateAsync(check: false, ct));
    }

    /// <summary>Another program may have made the file meanwhile: the next change looks for it.</summary>
    public void LookAgain() => _isIdle = false;

    /// <summary>Brings the file up to date.</summary>
    /// <param name="check">Whether to count first, and to put the file right where it says something else.</param>
    /// <param name="ct">Ends the wait for those who are placing messages.</param>
    public async Task UpdateAsync(bool check, CancellationToken ct)
    {
        using (await _lock.EnterAsync(ct))
        {
            Volatile.Write(ref _isWaiting, 0);
            try
            {
                await UpdateLockedAsync(check, ct);
            }
            catch (IOException e)
            {
                StoreLog.UsageUnknown(store.Log, usage.Name.ToString(), e.Message); // the next change tries again
            }
        }
    }

    private async Task UpdateLockedAsync(bool check, CancellationToken ct)
    {
        QuotaLimits limits = (await usage.LimitsAsync(ct)).Account;
        if (limits.Octets == 0 || limits.Messages == 0)
            limits = new(1, QuotaLimits.Unlimited); // to other programs 0 is no limit; one octet is as little
        (FileError error, NotedUsage? noted) = await store.Disk.RunAsync(() => (file.Read(out NotedUsage? read), read), ct);
        _isIdle = error == FileError.NotFound;
        if (_isIdle && limits.IsUnlimited)
            return;
        if (error is not (FileError.None or FileError.NotFound))
            throw new IOException($"cannot read the quota file: {error}");

        bool isCurrent = noted is { HasRoom: true } && (limits.IsUnlimited || noted.Value.Limits == limits);
        bool byOthers = _expected is { } expected && noted is { } now && now.Used != expected;
        if (!isCurrent || check || byOthers)
            await usage.CountAsync(all: false, ct);
        QuotaAmount change = usage.Ledger.TakeUnnoted(out QuotaAmount used);
        if (isCurrent && check && noted!.Value.Used + change != used)
            isCurrent = false;
        if (isCurrent && change == default)
            _expected = noted!.Value.Used;
        else
            await WriteAsync(isCurrent, limits.IsUnlimited && noted is { } old ? old.Limits : limits, noted, change, used);
    }

    private async Task WriteAsync(bool append, QuotaLimits limits, NotedUsage? noted, QuotaAmount change, QuotaAmount used)
    {
        FileError error = await store.Disk.RunAsync(() => append ? file.Append(change) : file.Replace(limits, used));
        _expected = error != FileError.None ? null : append ? noted!.Value.Used + change : used;
        if (error != FileError.None)
            throw new IOException($"cannot write the quota file: {error}");
        _isIdle = false;
    }
}
