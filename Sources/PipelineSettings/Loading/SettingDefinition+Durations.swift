import CacheMiddleware
import Configuration

extension SettingDefinition {
    /// The maximum number of seconds: a hundred years. Timestamps are 64-bit nanoseconds, whose range ends soon after.
    private static let largest = 3_153_600_000.0

    static let lifetimeExpectation = #"\#(seconds(from: 0)), "forever" or "doNotStore""#

    static func seconds(from minimum: Double) -> String {
        "a number of seconds from \(plain(minimum)) to \(plain(largest))"
    }

    /// Returns a number without insignificant digits.
    static func plain(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }

    static func duration(of seconds: Double, from minimum: Double) throws -> Duration {
        guard (minimum...largest).contains(seconds) else { throw Unexpected() }
        // Rounded to the nanosecond, so that 0.1 is exactly that and not the nearest binary number.
        return .nanoseconds(Int64((seconds * 1e9).rounded()))
    }

    /// Returns a number of seconds, or the duration of a word. A variable is always text; JSON distinguishes numbers
    /// from text.
    static func duration(
        _ reader: ConfigReader, _ key: ConfigKey, from minimum: Double, words: [String: Duration?]
    ) throws -> Duration? {
        guard let text = reader.string(forKey: key) else {
            return try duration(of: try number(reader, key), from: minimum)
        }
        if let word = words[text] { return word }
        guard let number = Double(text) else { throw Unexpected() }
        return try duration(of: number, from: minimum)
    }

    /// Returns a number. A provider that distinguishes integers from other numbers has 900 as an integer.
    static func number(_ reader: ConfigReader, _ key: ConfigKey) throws -> Double {
        if let integer = reader.int(forKey: key) { return Double(integer) }
        return try reader.requiredDouble(forKey: key)
    }

    static func lifetime(_ reader: ConfigReader, _ key: ConfigKey) throws -> CacheLifetime {
        let duration = try duration(reader, key, from: 0, words: ["forever": nil, "doNotStore": .zero])
        return duration.map { .after($0) } ?? .forever
    }
}
