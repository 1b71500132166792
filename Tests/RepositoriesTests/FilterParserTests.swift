import Repositories
import Testing

@Suite struct FilterParserTests {
    private static let parser = FilterParser(Places.all, ignoring: ["page"])

    @Test(arguments: [
        ("country", "AD", Places.country == "AD"), ("country__exact", "AD", Places.country == "AD"),
        ("country__in", "AD,FR", Places.country.in(["AD", "FR"])), ("country__in", "", Places.country.in([])),
        ("population__lt", "1000", Places.population < 1000), ("population__gte", "-1", Places.population >= -1),
        ("population__range", "1,9", Places.population.between(1, 9)), ("area__gt", "1.5e3", Places.area > 1500),
        ("area__isnull", "true", Places.area.isNull), ("area__isnull", "0", !Places.area.isNull),
        ("name__startswith", "%_'", Places.name.hasPrefix("%_'")), ("name__contains", "", Places.name.contains("")),
        ("name__endswith", "B", Places.name.hasSuffix("B")), ("is_active", "False", Places.isActive == false),
        ("name", "' OR 1=1 --", Places.name == "' OR 1=1 --"),
    ])
    func `Declared filters become selections`(name: String, value: String, selection: Selection) throws {
        #expect(try Self.parser.selection(name, value) == selection)
        #expect(try Self.parser.parse([(name: "page", value: "x"), (name: name, value: value)]).selection == selection)
    }

    @Test(arguments: [
        ("nome", "a"), ("", ""), ("__", ""), ("country__", "AD"), ("country__lt", "AD"),
        ("population__startswith", "1"),
        ("population__in", "1"), ("population__lt", "a"), ("population__lt", ""), ("population", "1.0"),
        ("population", "99999999999999999999"), ("area__gt", "nan"), ("area__gt", "inf"), ("area__gt", "0x10"),
        ("area__gt", "1e999"), ("area__gt", ""), ("population__range", "1"), ("population__range", "1,2,3"),
        ("country__isnull", "true"), ("area__isnull", "maybe"), ("is_active", "yes"), ("folded_name", "a"),
        ("version", "1"),
        ("name__exact__in", "a"), ("name", "a\0"), ("ordering", "nome"), ("ordering", ""), ("ordering", "country"),
        ("ordering", "-"), ("ordering", "--name"), ("ordering", "name;DROP TABLE places"), ("NAME", "a"),
        ("name\"", "a"), ("country__in", String(repeating: ",", count: 1 << 20)),
        ("ordering", String(repeating: "name,", count: 1 << 18)), ("name", String(repeating: "x", count: 2 << 20)),
    ])
    func `Anything else is an error with the parameter's name`(name: String, value: String) {
        let error = #expect(throws: FilterError.self) { try Self.parser.parse([(name: name, value: value)]) }
        #expect(error?.parameter == name)
    }

    @Test func `Filters are combined and an order has directions`() throws {
        let result = try Self.parser.parse([
            (name: "country", value: "AD"), (name: "ordering", value: "-population,name"),
            (name: "area__gt", value: "1"),
        ])
        #expect(result.selection == (Places.country == "AD" && Places.area > 1))
        #expect(result.order == [Places.population.descending, Places.name.ascending])
        #expect(throws: FilterError.self) {
            try Self.parser.parse((0..<101).map { _ in (name: "country", value: "AD") })
        }
    }
}
