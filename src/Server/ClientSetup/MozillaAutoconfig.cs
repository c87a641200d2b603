using System.Globalization;
using System.Xml;

namespace FullStack.Server.ClientSetup;

/// <summary>Settings for Thunderbird and those that read the same file (K-9, Evolution, KMail, Delta Chat).</summary>
/// <remarks>
/// The form is Mozilla's config-v1.1.xml. The address is not in it: programs put it in the place of <c>%EMAILADDRESS%</c> themselves.
/// </remarks>
internal static class MozillaAutoconfig
{
    public const string MediaType = "application/xml; charset=utf-8";

    public static byte[] Write(string domain, IReadOnlyList<MailEndpoint> endpoints) => XmlText.Write(xml =>
    {
        xml.WriteStartElement("clientConfig");
        xml.WriteAttributeString("version", "1.1");
        xml.WriteStartElement("emailProvider");
        xml.WriteAttributeString("id", domain);
        xml.WriteElementString("domain", domain);
        xml.WriteElementString("displayName", domain);
        xml.WriteElementString("displayShortName", domain);
        foreach (MailEndpoint endpoint in endpoints)
            WriteServer(xml, endpoint);
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    private static void WriteServer(XmlWriter xml, MailEndpoint endpoint)
    {
        xml.WriteStartElement(endpoint.Protocol == ListenerProtocol.Submission ? "outgoingServer" : "incomingServer");
        xml.WriteAttributeString("type", endpoint.Protocol switch { ListenerProtocol.Imap => "imap", ListenerProtocol.Pop3 => "pop3", _ => "smtp" });
        xml.WriteElementString("hostname", endpoint.Host);
        xml.WriteElementString("port", endpoint.Port.ToString(CultureInfo.InvariantCulture));
        xml.WriteElementString("socketType", endpoint.Tls == ListenerTls.Implicit ? "SSL" : "STARTTLS");
        xml.WriteElementString("username", "%EMAILADDRESS%");
        xml.WriteElementString("authentication", "password-cleartext");
        xml.WriteEndElement();
    }
}
