namespace FullStack.Fuzz;

/// <summary>Runs its tests while no other runs: they measure what the process allocates.</summary>
[CollectionDefinition(nameof(CostlyInputTests), DisableParallelization = true)]
public sealed class Alone;
