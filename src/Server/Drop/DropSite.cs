namespace FullStack.Server.Drop;

/// <summary>What a program that drops messages has to know of the server, which may not run.</summary>
/// <param name="HostName">This host's name.</param>
/// <param name="Domain">The domain of users that are named without one.</param>
/// <param name="MaxOctets">Largest message taken.</param>
internal sealed record DropSite(string HostName, string Domain, long MaxOctets)
{
    private const string Mark = "fullstack-drop 1";

    public static DropSite Of(ServerConfiguration configuration)
        => new(configuration.HostName, configuration.Domains.Count > 0 ? configuration.Domains[0] : configuration.HostName, configuration.Smtp.MessageSizeLimit);

    /// <summary>As it stands in the folder's note.</summary>
    public string ToNote() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Mark}\n{HostName}\n{Domain}\n{MaxOctets}\n");

    /// <summary>Reads a note; null where it is none.</summary>
    public static DropSite? Read(string? note)
        => note?.Split('\n') is [Mark, { Length: > 0 } host, { Length: > 0 } domain, var octets, ..]
            && long.TryParse(octets, System.Globalization.CultureInfo.InvariantCulture, out long most) ? new(host, domain, most) : null;
}
