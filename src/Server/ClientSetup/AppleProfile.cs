using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;

namespace FullStack.Server.ClientSetup;

/// <summary>Settings for Apple's devices: a configuration profile with one mail account.</summary>
/// <remarks>Its identifiers are made from the address: a profile that is fetched again takes the place of the former one. It has no password.</remarks>
internal static class AppleProfile
{
    public const string MediaType = "application/x-apple-aspen-config";

    /// <param name="address">The user's address.</param>
    /// <param name="incoming">Where to read mail.</param>
    /// <param name="outgoing">Where to send mail.</param>
    public static byte[] Write(string address, MailEndpoint incoming, MailEndpoint outgoing) => XmlText.Write(xml =>
    {
        string identifier = "fullstack.mail." + Identifier(address);
        xml.WriteDocType("plist", "-//Apple//DTD PLIST 1.0//EN", "http://www.apple.com/DTDs/PropertyList-1.0.dtd", null);
        xml.WriteStartElement("plist");
        xml.WriteAttributeString("version", "1.0");
        xml.WriteStartElement("dict");
        WritePayload(xml, "Configuration", identifier, "profile " + address, $"Mail of {address}");
        xml.WriteElementString("key", "PayloadContent");
        xml.WriteStartElement("array");
        xml.WriteStartElement("dict");
        WritePayload(xml, "com.apple.mail.managed", identifier + ".account", "account " + address, address);
        Text("EmailAccountDescription", address);
        Text("EmailAccountType", incoming.Protocol == ListenerProtocol.Imap ? "EmailTypeIMAP" : "EmailTypePOP");
        Text("EmailAddress", address);
        Server("IncomingMailServer", incoming);
        Server("OutgoingMailServer", outgoing);
        xml.WriteElementString("key", "OutgoingPasswordSameAsIncomingPassword");
        xml.WriteElementString("true", null);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();

        void Text(string key, string value)
        {
            xml.WriteElementString("key", key);
            xml.WriteElementString("string", value);
        }

        void Server(string key, MailEndpoint endpoint)
        {
            Text(key + "Authentication", "EmailAuthPassword");
            Text(key + "HostName", endpoint.Host);
            xml.WriteElementString("key", key + "PortNumber");
            xml.WriteElementString("integer", endpoint.Port.ToString(CultureInfo.InvariantCulture));
            xml.WriteElementString("key", key + "UseSSL");
            xml.WriteElementString("true", null); // the device finds out by the port whether by STARTTLS
            Text(key + "Username", address);
        }
    });

    private static void WritePayload(XmlWriter xml, string type, string identifier, string seed, string name)
    {
        (string Key, string Value)[] texts =
        [
            ("PayloadType", type), ("PayloadIdentifier", identifier), ("PayloadUUID", Uuid(seed)), ("PayloadDisplayName", name),
        ];
        foreach ((string key, string value) in texts)
        {
            xml.WriteElementString("key", key);
            xml.WriteElementString("string", value);
        }

        xml.WriteElementString("key", "PayloadVersion");
        xml.WriteElementString("integer", "1");
    }

    private static string Identifier(string address) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)).AsSpan(0, 8));

    private static string Uuid(string seed) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(seed)).AsSpan(0, 16)).ToString().ToUpperInvariant();
}
