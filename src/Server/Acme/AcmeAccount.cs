using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FullStack.Server.Acme;

/// <summary>The server's account with an authority: its key, and the address that the authority gave it.</summary>
/// <remarks>
/// RFC 8555 §7.3. The key is on the disk before the authority hears of it; where a crash loses the address, the authority tells it again to who has the key (§7.3.1).
/// </remarks>
internal sealed class AcmeAccount
{
    private readonly AcmeFolder _folder;
    private readonly string _file;
    private readonly string _directory;
    private string? _address;
    private IReadOnlyList<string> _contact;

    private AcmeAccount(AcmeFolder folder, string directory, AccountKey key, string? address, IReadOnlyList<string> contact)
    {
        (_folder, _file, _directory) = (folder, folder.AccountOf(directory), directory);
        (Key, _address, _contact) = (key, address, contact);
    }

    public AccountKey Key { get; }

    /// <summary>Reads the account, or makes a key for one.</summary>
    /// <exception cref="AcmeException">Its file cannot be used.</exception>
    public static AcmeAccount Open(AcmeFolder folder, string directory)
    {
        string file = folder.AccountOf(directory);
        try
        {
            if (File.Exists(file) && JsonNode.Parse(File.ReadAllText(file)) is JsonObject stored)
            {
                string address = AcmeAnswer.TextOf(stored, "account");
                return new(folder, directory, AccountKey.FromPem(AcmeAnswer.TextOf(stored, "key")), address.Length > 0 ? address : null, AcmeAnswer.TextsOf(stored, "contact"));
            }
        }
        catch (Exception e) when (e is JsonException or CryptographicException)
        {
            throw new AcmeException($"{file} is damaged; without it the server makes a new account: {e.Message}", inner: e);
        }

        AcmeAccount made = new(folder, directory, AccountKey.Make(), address: null, []);
        made.Save();
        return made;
    }

    /// <summary>Makes sure that the authority knows the account and whom to write to.</summary>
    public async Task RegisterAsync(AcmeConnection acme, AcmeConfiguration configuration, CancellationToken ct)
    {
        if (_address is not null)
        {
            acme.Account = _address;
            if (_contact.SequenceEqual(configuration.Contact))
                return;
            await acme.PostAsync(_address, new JsonObject { ["contact"] = ContactOf(configuration) }, ct);
        }
        else
        {
            AcmeAnswer answer = await acme.PostAsync(await acme.PlaceAsync("newAccount", ct), await RequestAsync(acme, configuration, ct), ct);
            _address = answer.Location ?? throw new AcmeException("the authority made an account without an address");
            acme.Account = _address;
        }

        _contact = configuration.Contact;
        Save();
    }

    /// <summary>Forgets what the authority has forgotten: the key is kept, and registered again.</summary>
    public void Forget(AcmeConnection acme)
    {
        _address = null;
        acme.Account = null;
    }

    private async Task<JsonObject> RequestAsync(AcmeConnection acme, AcmeConfiguration configuration, CancellationToken ct)
    {
        JsonNode? meta = (await acme.DirectoryAsync(ct))["meta"];
        string terms = AcmeAnswer.TextOf(meta, "termsOfService");
        if (terms.Length > 0 && !configuration.AgreeToTerms)
            throw new AcmeException($"the authority's terms have to be agreed to, by acme.agree_to_terms: {terms}");
        JsonObject request = new() { ["termsOfServiceAgreed"] = true, ["contact"] = ContactOf(configuration) };
        if (configuration.ExternalKeyId.Length > 0)
            request["externalAccountBinding"] = acme.Key.Bind(await acme.PlaceAsync("newAccount", ct), configuration.ExternalKeyId, ReadExternalKey(configuration.ExternalKeyFile));
        return request;
    }

    private static JsonArray ContactOf(AcmeConfiguration configuration) => [.. configuration.Contact.Select(static address => JsonValue.Create("mailto:" + address))];

    private static byte[] ReadExternalKey(string file)
    {
        try
        {
            return Base64Url.DecodeFromChars(File.ReadAllText(file).AsSpan().Trim());
        }
        catch (FormatException e)
        {
            throw new AcmeException($"{file}: expected a key in base64url", inner: e);
        }
    }

    private void Save()
    {
        JsonObject stored = new()
        {
            ["directory"] = _directory,
            ["account"] = _address,
            ["contact"] = new JsonArray([.. _contact.Select(static address => JsonValue.Create(address))]),
            ["key"] = Key.ToPem(),
        };
        _folder.Write(_file, stored.ToJsonString() + "\n");
    }
}
