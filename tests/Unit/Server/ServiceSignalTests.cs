using System.Runtime.InteropServices;
using FullStack.Server.Cli;
using FullStack.Server.Hosting;

namespace FullStack.Unit.Server;

/// <summary>Signals that come before the service is up.</summary>
public sealed class ServiceSignalTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    public async Task A_signal_that_ends_the_service_while_it_starts_ends_the_start_and_is_no_failure(PosixSignal signal)
    {
        using ServiceSignals signals = new();
        bool wasEnded = false;
        int code = await ServeCommand.RunAsync(async start =>
        {
            signals.Take(PosixSignal.SIGHUP);
            signals.Take(signal);
            wasEnded = start.IsCancellationRequested;
            await Task.Delay(Timeout.Infinite, start);
            throw new InvalidOperationException("the start went on");
        }, signals, Ct);
        Assert.Equal(ExitCode.Ok, code);
        Assert.True(wasEnded);
        Assert.False(signals.Cut.IsCancellationRequested);
    }

    [Fact]
    public void A_hang_up_that_came_before_reloads_once_and_later_ones_each()
    {
        using ServiceSignals signals = new();
        List<PosixSignal> noted = [];
        int reloads = 0;
        signals.Take(PosixSignal.SIGHUP);
        signals.Take(PosixSignal.SIGHUP);
        signals.Serve(noted.Add, () => reloads++);
        Assert.Equal((2, 1), (noted.Count, reloads));
        signals.Take(PosixSignal.SIGHUP);
        Assert.Equal((3, 2), (noted.Count, reloads));
        Assert.False(signals.Ending.IsCancellationRequested);
    }

    [Fact]
    public void The_first_signal_ends_and_the_second_cuts()
    {
        using ServiceSignals signals = new();
        signals.Take(PosixSignal.SIGTERM);
        Assert.Equal((true, false), (signals.Ending.IsCancellationRequested, signals.Cut.IsCancellationRequested));
        signals.Take(PosixSignal.SIGINT);
        Assert.True(signals.Cut.IsCancellationRequested);
    }
}
