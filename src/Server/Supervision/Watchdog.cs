using FullStack.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace FullStack.Server.Supervision;

/// <summary>A part of the server that can be asked whether it still works.</summary>
/// <param name="Name">What it is called in the log.</param>
/// <param name="AnswerAsync">Completes when the part has done a piece of work. A failure is an answer: what fails is not stuck.</param>
internal sealed record WatchedPart(string Name, Func<Task> AnswerAsync);

/// <summary>Tells systemd that the server is alive, each time after all its parts have shown that they are.</summary>
/// <remarks>
/// A part that is silent is not asked again until it has answered, so that nothing piles up in what is stuck. Two pings are at most three quarters of
/// systemd's limit apart where all is well.
/// </remarks>
internal sealed class Watchdog : IAsyncDisposable
{
    private readonly (WatchedPart Part, Task? Answer)[] _parts;
    private readonly Action _ping;
    private readonly TimeSpan _pause;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <param name="limit">How long systemd waits for a ping.</param>
    /// <param name="parts">Who is asked.</param>
    /// <param name="ping">Tells systemd.</param>
    /// <param name="time">The time.</param>
    /// <param name="logger">Where it is said who does not answer.</param>
    public Watchdog(TimeSpan limit, IReadOnlyList<WatchedPart> parts, Action ping, TimeProvider time, ILogger logger)
    {
        _parts = [.. parts.Select(static part => (part, (Task?)null))];
        (_ping, _time, _logger) = (ping, time, logger);
        (_pause, _patience) = (limit / 4, limit / 2);
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                string silent = await AskAsync();
                if (silent.Length == 0)
                    _ping();
                else
                    HostLog.WatchdogSilent(_logger, silent);
                await Task.Delay(_pause, _time, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Asks all parts.</summary>
    /// <returns>The names of those that have not answered in time.</returns>
    private async Task<string> AskAsync()
    {
        for (int i = 0; i < _parts.Length; i++)
            _parts[i].Answer ??= Task.Run(_parts[i].Part.AnswerAsync);
        try
        {
            await Task.WhenAll(_parts.Select(static asked => asked.Answer!)).WaitAsync(_patience, _time, _stop.Token);
        }
        catch (Exception e) when (!_stop.IsCancellationRequested && e is not OutOfMemoryException)
        {
            // Time is up, or a part has failed; which of them have not come to an end is seen below.
        }

        string silent = string.Join(", ", _parts.Where(static asked => !asked.Answer!.IsCompleted).Select(static asked => asked.Part.Name));
        for (int i = 0; i < _parts.Length; i++)
        {
            if (_parts[i].Answer!.IsCompleted)
                _parts[i].Answer = null;
        }

        return silent;
    }
}
