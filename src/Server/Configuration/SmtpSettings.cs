using FullStack.Net;
using FullStack.Smtp;

namespace FullStack.Server.Configuration;

/// <summary>The keys of how mail is taken by SMTP; part of <see cref="Settings.All"/>.</summary>
internal static class SmtpSettings
{
    private static readonly SmtpOptions Defaults = new();

    public static readonly Setting<long> MessageSizeLimit = new ScalarSetting<long>("smtp.message_size_limit",
        Defaults.MessageSizeLimit, ValueForms.Size(65536, long.MaxValue), "Largest message accepted.");

    public static readonly Setting<int> HeldOctets = new ScalarSetting<int>("smtp.held_for_filters", Defaults.HeldOctets, ValueForms.SizeInt32(65536, 16 << 20),
        "How much of a message that a filter looks at is kept in memory until all of it has come, so that the filter can put fields above it.");

    public static readonly Setting<int> MaxRecipients = new ScalarSetting<int>("smtp.max_recipients", Defaults.MaxRecipients,
        ValueForms.Count(100, 100000), "Most recipients of one message.");

    public static readonly Setting<NetworkList> XclientNetworks = new NetworksSetting("smtp.xclient_networks", Defaults.XclientNetworks,
        "Proxies and filters that may say by XCLIENT whose mail they pass on.")
    { Example = "[192.0.2.10]" };

    public static readonly Setting<TimeSpan> CommandTimeout = new ScalarSetting<TimeSpan>("smtp.command_timeout",
        Defaults.CommandTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "Longest wait for a command. RFC 5321 asks for 5m.");

    public static readonly Setting<TimeSpan> DataTimeout = new ScalarSetting<TimeSpan>("smtp.data_timeout", Defaults.DataTimeout,
        ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "Longest wait for the next piece of a message. RFC 5321 asks for 3m.");

    public static readonly Setting<int> MinDataRate = new ScalarSetting<int>("smtp.min_data_rate", Defaults.MinDataRate,
        ValueForms.Count(0, 1_000_000),
        "Least octets a second that a message has to come with, averaged over all waits for it; 0: any pace will do.");

    public static readonly Setting<TimeSpan> DataGrace = new ScalarSetting<TimeSpan>("smtp.data_grace", Defaults.DataGrace,
        ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "Waiting time that min_data_rate does not count.");

    public static readonly Setting<TimeSpan> HandshakeTimeout = new ScalarSetting<TimeSpan>("smtp.handshake_timeout",
        Defaults.HandshakeTimeout, ValueForms.Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), "Longest wait for the end of the TLS handshake after STARTTLS.");

    public static readonly Setting<BareLineEnds> RelayBareLineEnds = new ScalarSetting<BareLineEnds>("smtp.relay_bare_line_ends",
        Defaults.RelayBareLineEnds, BareLineEndWords,
        "A CR or LF alone in a message to port 25: refuse the message, or normalise it to CRLF. It never ends a message.");

    public static readonly Setting<BareLineEnds> SubmissionBareLineEnds = new ScalarSetting<BareLineEnds>(
        "smtp.submission_bare_line_ends", Defaults.SubmissionBareLineEnds, BareLineEndWords, "The same on the submission ports.");

    public static readonly Setting<int> MaxReceivedFields = new ScalarSetting<int>("smtp.max_received_fields",
        Defaults.MaxReceivedFields, ValueForms.Count(10, 1000), "Most Received fields of a message; one with more goes round in circles.");

    public static readonly Setting<int> MaxErrors = new ScalarSetting<int>("smtp.max_errors", Defaults.MaxErrors,
        ValueForms.Count(1, 10000), "Errors after which a session is ended; an accepted message sets the count back.");

    public static readonly Setting<int> MaxRefusedRecipients = new ScalarSetting<int>("smtp.max_refused_recipients",
        Defaults.MaxRefusedRecipients, ValueForms.Count(1, 100000), "Refused recipients after which a session is ended.");

    private static ValueForm<BareLineEnds> BareLineEndWords
        => ValueForms.OneOf(("refuse", BareLineEnds.Refuse), ("normalise", BareLineEnds.Normalise));

    /// <summary>In the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        MessageSizeLimit, HeldOctets, MaxRecipients, XclientNetworks, CommandTimeout, DataTimeout, MinDataRate, DataGrace, HandshakeTimeout,
        RelayBareLineEnds, SubmissionBareLineEnds, MaxReceivedFields, MaxErrors, MaxRefusedRecipients,
    ];

    /// <summary>What SMTP sessions go by.</summary>
    public static SmtpOptions Build(SettingValues values, string hostName) => new()
    {
        HostName = hostName,
        MessageSizeLimit = values.Get(MessageSizeLimit),
        Guard = GuardSettings.Build(values),
        XclientNetworks = values.Get(XclientNetworks),
        HeldOctets = values.Get(HeldOctets),
        MaxRecipients = values.Get(MaxRecipients),
        CommandTimeout = values.Get(CommandTimeout),
        DataTimeout = values.Get(DataTimeout),
        MinDataRate = values.Get(MinDataRate),
        DataGrace = values.Get(DataGrace),
        HandshakeTimeout = values.Get(HandshakeTimeout),
        RelayBareLineEnds = values.Get(RelayBareLineEnds),
        SubmissionBareLineEnds = values.Get(SubmissionBareLineEnds),
        MaxReceivedFields = values.Get(MaxReceivedFields),
        MaxErrors = values.Get(MaxErrors),
        MaxRefusedRecipients = values.Get(MaxRefusedRecipients),
        Extensions = SmtpExtensionSettings.Build(values),
        Submission = SubmissionSettings.Build(values),
    };
}
