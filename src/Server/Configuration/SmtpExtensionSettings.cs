using FullStack.Smtp;

namespace FullStack.Server.Configuration;

/// <summary>The keys of SMTP's service extensions.</summary>
internal static class SmtpExtensionSettings
{
    private static readonly SmtpExtensionOptions Defaults = new();

    private static readonly Setting<TimeSpan> DeliverByMinimum = new ScalarSetting<TimeSpan>("smtp.deliver_by_minimum", Defaults.DeliverByMinimum,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromDays(30)),
        "Least time that a sender may give for delivery if the message is to come back after it (DELIVERBY); 0s: any.");

    private static readonly Setting<TimeSpan> MaxHold = new ScalarSetting<TimeSpan>("smtp.max_hold", Defaults.MaxHold,
        ValueForms.Duration(TimeSpan.Zero, TimeSpan.FromDays(3650)),
        "Longest time for which users may have their messages held back (FUTURERELEASE); 0s: they may not.");

    private static readonly Setting<int> MaxPriority = new ScalarSetting<int>("smtp.max_priority", Defaults.MaxPriority, ValueForms.Count(0, 9),
        "Highest priority that users may give their messages (MT-PRIORITY). Other hosts may only lower it.");

    private static readonly Setting<bool> AcceptsMail = new ScalarSetting<bool>("smtp.accepts_mail", Defaults.AcceptsMail,
        ValueForms.OneOf(("true", true), ("false", false)),
        "Whether the smtp listeners take mail. false: each client is greeted with 521, so that it does not try again; for hosts that only submit.");

    private static readonly Setting<AddressDisclosure> TellAddresses = new ScalarSetting<AddressDisclosure>("smtp.tell_addresses", Defaults.TellAddresses,
        ValueForms.OneOf(("nobody", AddressDisclosure.Nobody), ("users", AddressDisclosure.Users), ("everybody", AddressDisclosure.Everybody)),
        "Who hears by VRFY which addresses there are, and by EXPN who is on a list: nobody, users who have logged in on submission, everybody.");

    private static readonly Setting<IReadOnlyList<string>> NoSoliciting = new ListSetting("smtp.no_soliciting",
        new("a class such as org.example:ADV", TryParseClass, static value => $"\"{value}\""),
        "Classes of solicitations (NO-SOLICITING) that are refused, with messages that say themselves that they belong to one.")
    { Example = "[\"org.example:ADV\"]" };

    /// <summary>All of them, in the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } = [AcceptsMail, TellAddresses, DeliverByMinimum, MaxHold, MaxPriority, NoSoliciting];

    public static SmtpExtensionOptions Build(SettingValues values) => new()
    {
        DeliverByMinimum = values.Get(DeliverByMinimum),
        MaxHold = values.Get(MaxHold),
        MaxPriority = values.Get(MaxPriority),
        AcceptsMail = values.Get(AcceptsMail),
        TellAddresses = values.Get(TellAddresses),
        NoSoliciting = values.Get(NoSoliciting),
    };

    private static bool TryParseClass(string text, out string value)
    {
        value = text;
        return Solicitation.IsClass(text);
    }
}
