#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A reader of settings files.
enum SettingsFile {
    /// The maximum size of a file, in bytes: 1 MiB.
    static let byteLimit = 1 << 20

    /// The reason why a file cannot be read.
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }

        init(code: Int32) {
            description =
                switch code {
                case ENOENT: "no such file"
                case EACCES, EPERM: "permission denied"
                case EISDIR: "is a directory"
                default: String(cString: strerror(code))
                }
        }
    }

    /// Returns the bytes of a file.
    ///
    /// A pipe is read to its end.
    static func contents(of path: String) throws(Failure) -> [UInt8] {
        // The system would end the path at the zero byte.
        guard !path.utf8.contains(0) else { throw Failure(code: ENOENT) }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(code: errno) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= byteLimit else { throw Failure("larger than \(byteLimit >> 20) MiB") }
        }
    }
}
