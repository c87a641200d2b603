using System.Reflection;
using FullStack.Store;
using Xunit.Sdk;
using Xunit.v3;

namespace FullStack.Unit.Store;

/// <summary>Runs a test of the store over each format, which is the test's last argument, behind those given here.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class EachFormatAttribute(params object[] arguments) : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker)
        => new([.. Enum.GetValues<StoreFormat>().Select(format => new TheoryDataRow([.. arguments, format]))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
