using FullStack.Smtp;

namespace FullStack.Server.Configuration;

/// <summary>The keys of submission.</summary>
internal static class SubmissionSettings
{
    private static readonly SubmissionOptions Defaults = new();
    private static readonly ValueForm<bool> YesOrNo = ValueForms.OneOf(("true", true), ("false", false));

    private static readonly Setting<ForeignFrom> ForeignFromSetting = new ScalarSetting<ForeignFrom>("submission.foreign_from", Defaults.ForeignFrom,
        ValueForms.OneOf(("refuse", ForeignFrom.Refuse), ("add_sender", ForeignFrom.AddSender), ("allow", ForeignFrom.Allow)),
        "What becomes of a message whose From is neither an address of the account that logged in nor an alias that leads to it. refuse: it is refused.\n"
        + "add_sender: it gets a Sender that names the account. allow: nobody looks. Of a message that was sent on, Resent-From counts instead.");

    private static readonly Setting<bool> RemoveBcc = new ScalarSetting<bool>("submission.remove_bcc", Defaults.RemoveBcc, YesOrNo,
        "Take Bcc and Resent-Bcc out of messages, so that no recipient sees who got a blind copy.");

    private static readonly Setting<bool> SentCopy = new ScalarSetting<bool>("submission.sent_copy", Defaults.SentCopy, YesOrNo,
        "Put a copy of each message that users send into their mailbox for sent mail. Most programs do so themselves, and would have two then;\n"
        + "`fullstack user submission` says it for one account.");

    /// <summary>All of them, in the order of the example.</summary>
    public static IReadOnlyList<Setting> All { get; } = [ForeignFromSetting, RemoveBcc, SentCopy];

    public static SubmissionOptions Build(SettingValues values) => new()
    {
        ForeignFrom = values.Get(ForeignFromSetting),
        RemoveBcc = values.Get(RemoveBcc),
        SentCopy = values.Get(SentCopy),
    };
}
