using FullStack.Net;

namespace FullStack.Imap.Server;

/// <summary>Waits for work of a command that writes nothing meanwhile, and tells the client from time to time that it goes on.</summary>
/// <remarks>
/// RFC 9585 §2. How far the work is nobody counts, so the progress is NIL. A client that shows it learns that the server is alive, and
/// one that waits only so long for an answer waits on.
/// </remarks>
internal static class LongWait
{
    /// <summary>Time before the first notice and between two.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <param name="session">Whose command it is.</param>
    /// <param name="work">Does the work. Ended where the client leaves.</param>
    /// <param name="ct">Ends the wait and the work.</param>
    public static async ValueTask<T> ForAsync<T>(ImapSession session, Func<CancellationToken, ValueTask<T>> work, CancellationToken ct)
    {
        using CancellationTokenSource left = CancellationTokenSource.CreateLinkedTokenSource(ct);
        ValueTask<T> started = work(left.Token);
        if (started.IsCompleted)
            return await started;
        Task<T> running = started.AsTask();
        try
        {
            await TellAsync(running, session.Connection, session.Tag, session.Environment.Time, ct);
        }
        catch
        {
            await left.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Nothing of the command may go on behind the session.
            throw;
        }

        return await running;
    }

    /// <summary>Tells at each interval until the work is done, however it ends.</summary>
    internal static async Task TellAsync(Task running, MailConnection connection, ReadOnlyMemory<byte> tag, TimeProvider time, CancellationToken ct)
    {
        while (true)
        {
            using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(ct);
            Task pause = Task.Delay(Interval, time, done.Token);
            if (await Task.WhenAny(running, pause) == running)
            {
                await done.CancelAsync();
                return;
            }

            await pause;
            Responses.ImapResponseWriter writer = new(connection.Output);
            writer.Write("* OK [INPROGRESS ("u8);
            writer.String(tag.Span);
            writer.Write(" NIL NIL)] Still at it\r\n"u8);
            await connection.FlushAsync(ct);
        }
    }
}
