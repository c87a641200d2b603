using System.Text.Json;
using System.Text.Json.Nodes;

namespace FullStack.Server.Acme;

/// <summary>What an authority answered.</summary>
/// <param name="Text">The body.</param>
/// <param name="Location">The address of what the request made; null: none.</param>
/// <param name="RetryAfter">When to ask again; null: it did not say.</param>
internal sealed record AcmeAnswer(string Text, string? Location, TimeSpan? RetryAfter)
{
    /// <summary>A name that is there twice would be found out only when it is asked for.</summary>
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>The body as an object.</summary>
    /// <exception cref="AcmeException">It is none.</exception>
    public JsonObject Body
    {
        get
        {
            try
            {
                return field ??= JsonNode.Parse(Text, documentOptions: s_strict) as JsonObject ?? throw new AcmeException("the authority's answer is no JSON object");
            }
            catch (JsonException e)
            {
                throw new AcmeException("the authority's answer is no JSON", inner: e);
            }
        }
    }

    public string Status => TextOf(Body, "status");

    /// <summary>A member that is a text; empty where it is none.</summary>
    public static string TextOf(JsonNode? node, string name)
        => TextIn((node as JsonObject)?[name]);

    /// <summary>The texts of a member that is a list.</summary>
    public static IReadOnlyList<string> TextsOf(JsonObject node, string name)
        => node[name] is JsonArray list ? [.. list.Select(TextIn)] : [];

    /// <summary>A text; empty where it is none, also where it is half a character, which JSON lets be written (RFC 8259 §8.2).</summary>
    private static string TextIn(JsonNode? node)
    {
        try
        {
            return node is JsonValue value && value.TryGetValue(out string? text) ? text : "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }
}
