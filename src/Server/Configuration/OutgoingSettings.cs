using FullStack.Smtp.Client;

namespace FullStack.Server.Configuration;

/// <summary>The keys of the client that hands messages to other hosts.</summary>
internal static class OutgoingSettings
{
    private static readonly SmtpClientOptions Defaults = new();
    private static readonly ValueForm<TimeSpan> Wait = ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));

    private static readonly Setting<TimeSpan> ConnectTimeout = new ScalarSetting<TimeSpan>("outgoing.connect_timeout", Defaults.ConnectTimeout, Wait,
        "Longest wait until another host takes a connection.");

    private static readonly Setting<TimeSpan> GreetingTimeout = new ScalarSetting<TimeSpan>("outgoing.greeting_timeout", Defaults.GreetingTimeout, Wait,
        "Longest wait for its greeting and for the answer to ours. RFC 5321 asks for 5m, as it does below.");

    private static readonly Setting<TimeSpan> HandshakeTimeout = new ScalarSetting<TimeSpan>("outgoing.handshake_timeout", Defaults.HandshakeTimeout, Wait,
        "Longest wait for the end of the TLS handshake.");

    private static readonly Setting<TimeSpan> CommandTimeout = new ScalarSetting<TimeSpan>("outgoing.command_timeout", Defaults.CommandTimeout, Wait,
        "Longest wait for the answer to a sender, a recipient or another command.");

    private static readonly Setting<TimeSpan> DataTimeout = new ScalarSetting<TimeSpan>("outgoing.data_timeout", Defaults.DataTimeout, Wait,
        "Longest wait for the go-ahead for a message. RFC 5321 asks for 2m.");

    private static readonly Setting<TimeSpan> PieceTimeout = new ScalarSetting<TimeSpan>("outgoing.piece_timeout", Defaults.PieceTimeout, Wait,
        "Longest wait until the next piece of a message is taken. RFC 5321 asks for 3m.");

    private static readonly Setting<TimeSpan> AcceptTimeout = new ScalarSetting<TimeSpan>("outgoing.accept_timeout", Defaults.AcceptTimeout, Wait,
        "Longest wait for the answer to a whole message, which comes twice if the answer comes later. RFC 5321 asks for 10m.");

    private static readonly Setting<int> MinDataRate = new ScalarSetting<int>("outgoing.min_data_rate", Defaults.MinDataRate, ValueForms.Count(0, 1_000_000),
        "Least octets a second that a host has to take of a message, after its first 5m; 0: any pace will do.");

    private static readonly Setting<int> ChunkSize = new ScalarSetting<int>("outgoing.chunk_size", Defaults.ChunkOctets, ValueForms.SizeInt32(0, 16 << 20),
        "Size of the chunks in which messages go to hosts that take them so (CHUNKING); 0: never in chunks.");

    private static readonly Setting<TimeSpan> IdleTime = new ScalarSetting<TimeSpan>("outgoing.idle_time", Defaults.IdleTime, ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromMinutes(5)),
        "How long a connection is kept for the next message to the same host.");

    private static readonly Setting<int> MaxIdle = new ScalarSetting<int>("outgoing.max_idle", Defaults.MaxIdle, ValueForms.Count(0, 10_000),
        "Most connections that are kept so, to all hosts together; 0: none.");

    private static readonly Setting<int> MaxMessages = new ScalarSetting<int>("outgoing.max_messages", Defaults.MaxMessages, ValueForms.Count(1, 100_000),
        "Most messages that go over one connection.");

    /// <summary>All of them, in the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        ConnectTimeout, GreetingTimeout, HandshakeTimeout, CommandTimeout, DataTimeout, PieceTimeout, AcceptTimeout, MinDataRate, ChunkSize, IdleTime, MaxIdle, MaxMessages,
    ];

    public static SmtpClientOptions Build(SettingValues values, string hostName) => new()
    {
        HostName = hostName,
        ConnectTimeout = values.Get(ConnectTimeout),
        GreetingTimeout = values.Get(GreetingTimeout),
        HandshakeTimeout = values.Get(HandshakeTimeout),
        CommandTimeout = values.Get(CommandTimeout),
        DataTimeout = values.Get(DataTimeout),
        PieceTimeout = values.Get(PieceTimeout),
        AcceptTimeout = values.Get(AcceptTimeout),
        MinDataRate = values.Get(MinDataRate),
        ChunkOctets = values.Get(ChunkSize),
        IdleTime = values.Get(IdleTime),
        MaxIdle = values.Get(MaxIdle),
        MaxMessages = values.Get(MaxMessages),
    };
}
