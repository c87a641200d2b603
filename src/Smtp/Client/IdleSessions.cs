namespace FullStack.Smtp.Client;

/// <summary>Sessions that wait for the next message to the same host, few and not for long.</summary>
/// <remarks>RFC 5321 §4.1.1.10: each one ends with QUIT; its reply is waited for, but by nobody who has a message to send.</remarks>
internal sealed class IdleSessions(ClientEnvironment environment) : IAsyncDisposable
{
    private static readonly TimeSpan QuitTime = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<HostKey, Stack<Waiting>> _waiting = [];
    private readonly HashSet<Task> _leaving = [];
    private int _count;
    private bool _closed;

    /// <summary>Takes a session with the host; null where there is none. Whether it is still there the first reply shows, so that asking for it costs no round trip.</summary>
    public HostSession? Take(HostKey key)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(key, out Stack<Waiting>? stack))
                return null;
            Waiting waiting = stack.Pop();
            waiting.Timer?.Dispose();
            if (stack.Count == 0)
                _waiting.Remove(key);
            _count--;
            waiting.Session.MayBeStale = true;
            return waiting.Session;
        }
    }

    /// <summary>Keeps a session for the next message, or ends it in the background.</summary>
    public void Release(HostKey key, HostSession session)
    {
        lock (_gate)
        {
            if (!_closed && session.MayBegin(environment.Options) && session.Extensions.MaxRecipientDomains == int.MaxValue && _count < environment.Options.MaxIdle)
            {
                if (!_waiting.TryGetValue(key, out Stack<Waiting>? stack))
                    _waiting.Add(key, stack = []);
                Waiting waiting = new(session);
                stack.Push(waiting);
                _count++;
                waiting.Timer = environment.Time.CreateTimer(_ => Expire(key, waiting), null, environment.Options.IdleTime, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Leave(session);
    }

    public async ValueTask DisposeAsync()
    {
        List<HostSession> sessions = [];
        lock (_gate)
        {
            _closed = true;
            foreach (Waiting waiting in _waiting.Values.SelectMany(static stack => stack))
            {
                waiting.Timer?.Dispose();
                sessions.Add(waiting.Session);
            }

            _waiting.Clear();
            _count = 0;
        }

        sessions.ForEach(Leave);
        Task[] leaving;
        lock (_gate)
            leaving = [.. _leaving];
        await Task.WhenAll(leaving);
    }

    private void Expire(HostKey key, Waiting waiting)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(key, out Stack<Waiting>? stack) || !stack.Contains(waiting))
                return; // taken in the same moment
            Stack<Waiting> rest = new(stack.Reverse().Where(other => other != waiting));
            if (rest.Count == 0)
                _waiting.Remove(key);
            else
                _waiting[key] = rest;
            _count--;
        }

        waiting.Timer?.Dispose();
        Leave(waiting.Session);
    }

    private void Leave(HostSession session)
    {
        Task leaving = Task.Run(() => QuitAsync(session));
        lock (_gate)
            _leaving.Add(leaving);
        leaving.ContinueWith(
            task =>
            {
                lock (_gate)
                    _leaving.Remove(task);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private static async Task QuitAsync(HostSession session)
    {
        try
        {
            if (!session.IsOver)
                await session.Connection.AskAsync("QUIT", "after QUIT", QuitTime, CancellationToken.None);
        }
        catch (HostFailedException)
        {
            // Gone without a goodbye; there is nothing to do for anybody.
        }
        finally
        {
            await session.DisposeAsync();
        }
    }

    private sealed class Waiting(HostSession session)
    {
        public HostSession Session => session;

        public ITimer? Timer { get; set; }
    }
}
