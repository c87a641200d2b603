using System.Runtime.InteropServices;

namespace FullStack.Server.Hosting;

/// <summary>
/// The signals of a service, from before it opens anything: one that comes while it starts would end the process as signals do, with what was begun left
/// as a kill leaves it. SIGTERM and SIGINT end it, a second one cuts what is left; SIGHUP makes it reload, once it serves.
/// </summary>
internal sealed class ServiceSignals : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<PosixSignal> _early = [];
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly CancellationTokenSource _ending = new(), _cut = new();
    private Action<PosixSignal>? _note;
    private Action? _reload;

    /// <summary>Cancelled by the first signal that ends the service. Who starts it gives up then.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Cancelled by the second one.</summary>
    public CancellationToken Cut => _cut.Token;

    /// <summary>Takes the signals of the process from now on.</summary>
    public static ServiceSignals OfProcess()
    {
        ServiceSignals signals = new();
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP])
        {
            signals._registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true; // the process ends when the sessions have
                signals.Take(context.Signal);
            }));
        }

        return signals;
    }

    /// <summary>The service is up: it hears of what came before, and then at once of each signal.</summary>
    /// <param name="note">Told of every signal.</param>
    /// <param name="reload">Called for SIGHUP; of several that came before, once.</param>
    public void Serve(Action<PosixSignal> note, Action reload)
    {
        bool mustReload;
        lock (_gate)
        {
            (_note, _reload) = (note, reload);
            _early.ForEach(note);
            mustReload = _early.Contains(PosixSignal.SIGHUP) && !Ending.IsCancellationRequested;
        }

        if (mustReload)
            reload();
    }

    /// <summary>A signal came.</summary>
    public void Take(PosixSignal signal)
    {
        Action? reload;
        lock (_gate)
        {
            if (_note is null)
                _early.Add(signal);
            else
                _note(signal);
            reload = _reload;
        }

        if (signal == PosixSignal.SIGHUP)
            reload?.Invoke();
        else if (Ending.IsCancellationRequested)
            _cut.Cancel();
        else
            _ending.Cancel();
    }

    public void Dispose()
    {
        _registrations.ForEach(static registration => registration.Dispose());
        _ending.Dispose();
        _cut.Dispose();
    }
}
