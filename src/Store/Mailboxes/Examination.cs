namespace FullStack.Store.Mailboxes;

/// <summary>Has messages that have no UID yet examined, very many of them on several threads.</summary>
internal static class Examination
{
    private const int AtOnce = 512;
    private const int Threads = 8;

    /// <summary>Runs an examination.</summary>
    /// <param name="mailbox">The mailbox.</param>
    /// <param name="total">How many messages there are.</param>
    /// <param name="examine">Takes the first of those to examine, from 0, and how many.</param>
    /// <param name="ct">Ends it.</param>
    public static Task RunAsync(Mailbox mailbox, int total, Action<int, int> examine, CancellationToken ct)
        => Parallel.ForEachAsync(
            Enumerable.Range(0, (total + AtOnce - 1) / AtOnce),
            new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = ct },
            async (part, stop) => await mailbox.Store.Disk.RunAsync(
                () =>
                {
                    examine(part * AtOnce, Math.Min(AtOnce, total - part * AtOnce));
                    return default(Nothing);
                }, stop));
}
