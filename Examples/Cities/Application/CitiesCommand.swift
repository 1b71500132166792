import ArgumentParser

/// The command line. Without a subcommand it serves.
@main
struct CitiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cities",
        abstract: "Serves an API over the cities of the world, with responses cached under composed keys.",
        subcommands: [ServeCommand.self, WorkerCommand.self],
        defaultSubcommand: ServeCommand.self
    )
}
