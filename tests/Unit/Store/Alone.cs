namespace FullStack.Unit.Store;

/// <summary>Runs its tests while no other runs: they measure the memory of the process.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
public sealed class Alone;
