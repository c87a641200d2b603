namespace FullStack.Smtp.Client;

/// <summary>Who of an attempt's recipients has a result, and which.</summary>
internal sealed class AttemptLedger(int recipients)
{
    private readonly RecipientResult?[] _results = new RecipientResult?[recipients];
    private readonly DeliveryStatus?[] _postponed = new DeliveryStatus?[recipients];
    private bool _hostFailed;
    private bool _hostAnswered;

    public string? RemoteName { get; private set; }
    public string? Tls { get; private set; }

    /// <summary>How long transactions have taken.</summary>
    public TimeSpan Transmission { get; set; }

    /// <summary>The host took over the promise of a time of delivery.</summary>
    public bool DeliverByPassedOn { get; set; }

    public IEnumerable<int> Pending => Enumerable.Range(0, recipients).Where(i => _results[i] is null);

    public int PendingCount => _results.Count(static result => result is null);

    public bool HasResult(int recipient) => _results[recipient] is not null;

    public void Note(HostSession session) => (RemoteName, Tls) = (session.RemoteName, session.Tls);

    /// <summary>The host has all of the message: another one must not get it as well.</summary>
    public void NoteMessageSent() => _hostAnswered = true;

    /// <summary>Notes what the host said of one recipient.</summary>
    public void Answer(int recipient, DeliveryStatus status, bool dsnPassedOn = false, bool isRemote = true)
    {
        _hostAnswered = true;
        _results[recipient] = new(status, dsnPassedOn && status.IsSuccess, isRemote);
    }

    /// <summary>The host wants this recipient in another transaction; without one, that is its result.</summary>
    public void Postpone(int recipient, DeliveryStatus status) => _postponed[recipient] = status;

    /// <summary>Notes that the host will not do for these, whereas another one may.</summary>
    public void FailHost(IEnumerable<int> pending, DeliveryStatus status, bool isRemote)
    {
        foreach (int recipient in pending)
        {
            _hostFailed = true;
            _results[recipient] ??= _postponed[recipient] is { } postponed ? new(postponed, false, true) : new(status, false, isRemote);
        }
    }

    public AttemptReport ToReport() => new([.. _results.Select(static result => result!)], _hostFailed && !_hostAnswered)
    {
        RemoteName = RemoteName, Tls = Tls, Transmission = Transmission, DeliverByPassedOn = DeliverByPassedOn,
    };
}
