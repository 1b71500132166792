import Foundation
import Synchronization

extension ChildProcess {
    /// The processes to kill when this one exits, where the system does not do that.
    private static let living: Mutex<Set<pid_t>> = {
        atexit { ChildProcess.living.withLockIfAvailable { $0.forEach { _ = kill($0, SIGKILL) } } }
        return Mutex([])
    }()

    /// The path of a program in one of the folders of PATH.
    static func path(of program: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Starts a process that inherits nothing: no files, no blocked signals, no environment.
    static func spawn(_ command: [String], output: String) throws -> pid_t {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var flags = POSIX_SPAWN_SETSIGMASK
        // A socket that the process inherited would stay open when the test closes it.
        #if canImport(Darwin)
        flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
        #else
        for descriptor in 3..<min(getdtablesize(), 4096) { posix_spawn_file_actions_addclose(&actions, descriptor) }
        #endif
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let guardian = guardian
        let arguments = (guardian + command).map { strdup($0) } + [nil]
        // Error messages are those of the C locale.
        let environment = [strdup("LC_ALL=C"), nil]
        defer { for text in arguments + environment { free(text) } }
        var id = pid_t()
        let result = posix_spawn(&id, arguments[0]!, &actions, &attributes, arguments, environment)
        guard result == 0 else { throw RedisServerError("starting \(command[0]) failed: errno \(result)") }
        if guardian.isEmpty { living.withLock { _ = $0.insert(id) } }
        return id
    }

    /// Removes a process that has exited.
    static func forget(_ id: pid_t) {
        if guardian.isEmpty { living.withLock { _ = $0.remove(id) } }
    }

    /// The command prefix with which the system kills the command when this process ends, if available.
    private static let guardian: [String] = {
        #if os(Linux)
        path(of: "setpriv").map { [$0, "--pdeathsig", "KILL", "--"] } ?? []
        #else
        []
        #endif
    }()
}
