using FullStack.Queue.Aliases;
using FullStack.Smtp;

namespace FullStack.Queue.Routing;

/// <summary>Follows addresses, and keeps for some seconds where those lead that lead to many others. Safe for use by many at once.</summary>
/// <remarks>
/// <para>
/// To follow one to a hundred thousand others takes seconds and some tens of megabytes. Whoever sends to a list may name it as often as he may name recipients, so what was found is shared by all who
/// ask within <see cref="KeepTime"/>, and only one such address is followed at a time. A transaction goes by what it was told at RCPT for as long as it lasts, which is longer.
/// </para>
/// <para>It is found out anew once a file of the list is another one. What changes in a directory, or a user's own file, counts for such a list some seconds later; for other addresses at once.</para>
/// </remarks>
/// <param name="parts">What addresses are followed with.</param>
/// <param name="time">The clock.</param>
internal sealed class KeptExpansions(ExpansionParts parts, TimeProvider time)
{
    /// <summary>How long an address is not followed again.</summary>
    public static readonly TimeSpan KeepTime = TimeSpan.FromSeconds(5);

    /// <summary>Addresses that lead to no more than so many are followed each time.</summary>
    public const int Few = 1000;

    /// <summary>Addresses kept at most, of all lists; one list is kept whatever its length.</summary>
    private const int MostKept = 200_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<(MailboxAddress Root, bool WithFiles), Entry> _kept = [];
    private Task _turn = Task.CompletedTask;

    /// <summary>How many are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _kept.Count;
        }
    }

    /// <summary>Follows an address.</summary>
    /// <param name="root">The address, of a local domain.</param>
    /// <param name="withFiles">Whether users' own files count.</param>
    /// <param name="ct">Ends it.</param>
    /// <exception cref="Auth.Backends.DirectoryUnavailableException">A directory cannot be asked now.</exception>
    public async ValueTask<ExpansionOutcome> FollowAsync(MailboxAddress root, bool withFiles, CancellationToken ct)
    {
        if (Find(root, withFiles) is { } kept)
            return kept;
        int most = parts.Options.Aliases.MaxAddresses;
        AddressExpansion expansion = new(parts, root, withFiles) { Most = Math.Min(Few, most) };
        await expansion.RunAsync(ct);
        if (!expansion.IsTooLong || most <= Few)
            return expansion.Outcome;

        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
            (before, _turn) = (_turn, ended.Task);
        try
        {
            await before.WaitAsync(ct);
            return Find(root, withFiles) ?? await FollowManyAsync(root, withFiles, ct);
        }
        finally
        {
            _ = before.ContinueWith(static (_, mine) => ((TaskCompletionSource)mine!).SetResult(), ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async ValueTask<ExpansionOutcome> FollowManyAsync(MailboxAddress root, bool withFiles, CancellationToken ct)
    {
        AddressExpansion expansion = new(parts, root, withFiles);
        await expansion.RunAsync(ct);
        ExpansionOutcome outcome = expansion.Outcome;
        lock (_gate)
        {
            if (_kept.Values.Sum(static entry => entry.Outcome.Route.Count) + outcome.Route.Count > MostKept)
                _kept.Clear();
            _kept[(root, withFiles)] = new(outcome with { IsKept = true }, expansion.Files, time.GetTimestamp());
        }

        return outcome;
    }

    private ExpansionOutcome? Find(MailboxAddress root, bool withFiles)
    {
        Entry? found;
        lock (_gate)
        {
            if (_kept.Count == 0)
                return null;
            foreach ((MailboxAddress, bool) old in _kept.Where(pair => time.GetElapsedTime(pair.Value.Since) >= KeepTime).Select(static pair => pair.Key).ToArray())
                _kept.Remove(old);
            if (!_kept.TryGetValue((root, withFiles), out found))
                return null;
        }

        return found.Files.All(static file => TargetFiles.StampOf(file.Key) == file.Value) ? found.Outcome : null;
    }

    private sealed record Entry(ExpansionOutcome Outcome, IReadOnlyDictionary<string, FileStamp> Files, long Since);
}
