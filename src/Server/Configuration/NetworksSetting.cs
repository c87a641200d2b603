using System.Net;
using FullStack.Net;
using YamlDotNet.RepresentationModel;

namespace FullStack.Server.Configuration;

/// <summary>A setting with a list of networks and addresses.</summary>
internal sealed class NetworksSetting(string name, NetworkList defaultValue, string summary) : Setting<NetworkList>(name, defaultValue, summary)
{
    private const string Expected = "a network or an address such as 192.0.2.0/24 or \"2001:db8::1\"";

    public override void Read(YamlNode node, SettingValues into, List<ConfigurationProblem> problems)
    {
        if (node is not YamlSequenceNode sequence)
        {
            problems.Add(new(YamlText.LineOf(node), $"{Name}: expected a list such as [192.0.2.0/24], found {YamlText.Describe(node)}"));
            return;
        }

        List<IPNetwork> networks = [];
        foreach (YamlNode item in sequence)
        {
            if (YamlText.TryGetScalar(item, out string? text) && NetworkList.TryParse(text, out IPNetwork network))
                networks.Add(network);
            else
                problems.Add(new(YamlText.LineOf(item), $"{Name}: expected {Expected}, found {YamlText.Describe(item)}"));
        }

        into.Set(this, new NetworkList(networks), YamlText.LineOf(node));
    }

    protected override string Format(NetworkList value) => $"[{string.Join(", ", value.All.Select(static network => YamlText.Scalar(network.ToString())))}]";
}
