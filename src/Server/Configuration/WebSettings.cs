namespace FullStack.Server.Configuration;

/// <summary>The keys of what is served by HTTP.</summary>
internal static class WebSettings
{
    public static readonly Setting<IReadOnlyList<WebListener>> Listeners = new WebListenersSetting("web.listeners",
        "Where mail programs get their settings by HTTP, and with tls: on by HTTPS: Thunderbird's autoconfig, Outlook's autodiscover, Apple's\n"
        + "profiles (/mail.mobileconfig?email=ADDRESS). Not given: nowhere. `fullstack dns DOMAIN` says which names have to lead here.")
    { NeedsRestart = true, Example = "[{ address: \"*:80\" }, { address: \"*:443\", tls: on }]" };

    public static readonly Setting<bool> SignProfiles = new ScalarSetting<bool>("web.sign_profiles", new WebConfiguration().SignProfiles,
        ValueForms.OneOf(("true", true), ("false", false)), "Whether Apple's profiles are signed with the key of the server's certificate.")
    { NeedsRestart = true };

    public static IReadOnlyList<Setting> All => [Listeners, SignProfiles];
}
