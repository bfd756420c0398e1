"""Compares the simulator's ESP-IDF headers with those of a real ESP-IDF.

Each function, type, field, enumerator, variable and macro that simulator/include declares must
exist in the real headers with the same type or value. libclang reads what the simulator declares;
for each declaration one line of C is made that compiles with the real headers only if it agrees,
and the compiler says which lines do not. What may differ is in header_differences.tsv, with the
reason; an entry that no difference needs any more is an error as well.

Of a macro, the parameters are compared, and its value where it has one that the compiler can tell
(for one with parameters: for some arguments). What it can't tell of are statements, initialisers
and attributes. C does not tell an enumeration from the integer that it is, nor () from (void).
"""

import os
import re
import subprocess

DIFFERENCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "header_differences.tsv")
# Structures that lie in flash: every field's place counts, not only its type.
ON_FLASH = {"esp_app_desc.h", "esp_app_format.h", "esp_flash_partitions.h"}


class Check:
    """`entity` agrees when `line` compiles, or, with `refused`, when it does not."""

    def __init__(self, header, entity, line, refused=False):
        self.header = header
        self.entity = entity
        self.line = line
        self.refused = refused


def compare(include, project, arguments, version, folder, differences=DIFFERENCES):
    """Yields (header, complaint), the complaint empty when all agrees.

    `include` is where the simulator's headers are. `arguments` compile C in `project`; `folder`
    takes the generated files."""
    names = sorted(
        os.path.relpath(os.path.join(place, file), include)
        for place, _, files in os.walk(include)
        for file in files
    )
    allowed = read_differences(differences, version, project.toolchain.prefix)
    folders = include_folders(project)
    arguments = [a for a in arguments if not a.startswith("-I")] + [f"-I{f}" for f in folders]
    real = [name for name in names if any(os.path.exists(os.path.join(f, name)) for f in folders)]
    complaints = {name: [] for name in names}
    used = set()

    def differs(header, entity, how):
        if entity in allowed:
            used.add(entity)
        elif f"{entity}: {how}" not in complaints[header]:
            complaints[header].append(f"{entity}: {how}")

    for name in names:
        if name not in real:
            differs(name, name, "there is no such header")
    prelude = ["freertos/FreeRTOS.h"] + real
    checks, macros = declarations(include, names)
    for check, how in failed(checks, prelude, project, arguments, folder):
        differs(check.header, check.entity, how)
    own = own_compiler(include, folder)
    for header, entity, how in failed_macros(macros, prelude, project, arguments, own, folder):
        differs(header, entity, how)
    for entity in sorted(set(allowed) - used):
        yield f"{os.path.basename(differences)}: {entity}", (
            "no such difference in this version: take it out, or correct its versions"
        )
    for name in names:
        yield name, "\n".join(complaints[name])


def read_differences(path, version, prefix):
    """{entity: reason} for that version and compiler prefix. A line: versions, entity, reason."""
    here = {str(version[0]), f"{version[0]}/{'xtensa' if prefix.startswith('xtensa') else 'riscv'}"}
    found = {}
    with open(path) as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            fields = line.split("\t")
            if len(fields) != 3 or not all(fields):
                raise ValueError(f"{path}:{number}: not 'versions<TAB>entity<TAB>reason'")
            if here & set(fields[0].split(",")):
                found[fields[1]] = fields[2]
    return found


def include_folders(project):
    """Where any component of the project finds its headers, in one list."""
    folders = []
    for source in project.commands:
        for argument in project.arguments(source):
            if argument.startswith("-I") and argument[2:] not in folders:
                folders.append(argument[2:])
    return folders


# What the simulator declares.


def declarations(include, names):
    """(checks, macros) of all the simulator's headers."""
    from clang import cindex

    text = '#include "freertos/FreeRTOS.h"\n' + "".join(f'#include "{name}"\n' for name in names)
    unit = cindex.Index.create().parse(
        "simulator.c",
        args=["-std=gnu99", "--target=riscv32", "-nostdinc", f"-I{include}", *system_headers()],
        unsaved_files=[("simulator.c", text)],
        options=cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD,
    )
    errors = [d.spelling for d in unit.diagnostics if d.severity >= cindex.Diagnostic.Error]
    if errors:
        raise ValueError("the simulator's headers do not compile: " + "; ".join(errors))
    checks, macros = [], []
    for cursor in unit.cursor.get_children():
        file = cursor.location.file
        if file is None or not file.name.startswith(include + os.sep):
            continue
        header = os.path.relpath(file.name, include)
        if cursor.kind == cindex.CursorKind.MACRO_DEFINITION:
            macros.append(Macro(header, cursor))
        else:
            checks += checks_of(cindex, header, cursor)
    return checks, macros


def system_headers():
    """The compiler's own headers and newlib's, as libclang options."""
    done = subprocess.run(
        ["riscv64-unknown-elf-gcc", "-print-file-name=include"], capture_output=True, text=True
    )
    return ["-isystem", done.stdout.strip(), "-isystem", "/usr/include/newlib"]


def checks_of(cindex, header, cursor):
    kinds = cindex.CursorKind
    name = cursor.spelling
    if cursor.kind in (kinds.FUNCTION_DECL, kinds.VAR_DECL):
        yield Check(header, name, same_type(name, cursor.type.spelling))
    elif cursor.kind == kinds.ENUM_DECL:
        for constant in cursor.get_children():
            if constant.kind == kinds.ENUM_CONSTANT_DECL:
                line = f"_Static_assert(({constant.spelling}) == ({constant.enum_value}), "
                yield Check(header, constant.spelling, line + '"another value");')
    elif cursor.kind == kinds.TYPEDEF_DECL:
        type_ = cursor.underlying_typedef_type
        declared = type_.get_declaration()
        if declared.kind in (kinds.STRUCT_DECL, kinds.UNION_DECL) and declared.is_definition():
            yield from checks_of_record(cindex, header, name, declared)
        elif declared.kind == kinds.ENUM_DECL and declared.is_definition():
            line = f"_Static_assert(sizeof({name}) == {declared.enum_type.get_size()}, "
            yield Check(header, name, line + '"another size");')
        else:
            line = f"__builtin_types_compatible_p({name}, {type_.spelling})"
            yield Check(header, name, f'_Static_assert({line}, "another type");')
    elif cursor.kind in (kinds.STRUCT_DECL, kinds.UNION_DECL) and cursor.is_definition():
        if name and not cursor.is_anonymous() and "(" not in name:
            word = "struct" if cursor.kind == kinds.STRUCT_DECL else "union"
            yield from checks_of_record(cindex, header, f"{word} {name}", cursor)


def checks_of_record(cindex, header, name, record, path=""):
    """The type and each of its fields, those of nested unnamed records included."""
    if not path:
        yield Check(header, name, f'_Static_assert(sizeof({name}) > 0, "");')
        if header in ON_FLASH:
            line = f"_Static_assert(sizeof({name}) == {record.type.get_size()}, "
            yield Check(header, name, line + '"another size");')
    for field in record.type.get_fields():
        place = f"{path}.{field.spelling}" if path else field.spelling
        entity = f"{name}.{place}"
        declared = field.type.get_declaration()
        unnamed = declared.kind in (cindex.CursorKind.STRUCT_DECL, cindex.CursorKind.UNION_DECL)
        unnamed = unnamed and (declared.is_anonymous() or not declared.spelling or "(" in declared.spelling)
        if unnamed:
            yield from checks_of_record(cindex, header, name, declared, place)
            continue
        if field.is_bitfield():
            yield from checks_of_width(header, entity, name, place, field.get_bitfield_width())
            continue
        yield Check(header, entity, same_type(f"(({name}*)0)->{place}", field.type.spelling))
        if header in ON_FLASH:
            offset = record.type.get_offset(field.spelling) // 8
            line = f"_Static_assert(__builtin_offsetof({name}, {place}) == {offset}, "
            yield Check(header, entity, line + '"another place");')


def checks_of_width(header, entity, record, place, bits):
    """The largest value fits, and one more does not."""
    identifier = re.sub(r"\W", "_", entity)
    largest = (1 << bits) - 1
    line = f"static const {record} {identifier}_largest = {{.{place} = {largest}u}};"
    yield Check(header, entity, line)
    if bits < 32:
        line = f"static const {record} {identifier}_more = {{.{place} = {largest + 1}u}};"
        yield Check(header, entity, line, refused=True)


def same_type(expression, type_):
    line = f"__builtin_types_compatible_p(__typeof__({expression}), {c_type(type_)})"
    return f'_Static_assert({line}, "another type");'


def c_type(spelling):
    """libclang's spelling of a type as C takes it."""
    return re.sub(r"__attribute__\(\(.*?\)\)", "", spelling)


# Macros.


class Macro:
    """One definition, as the simulator has it."""

    def __init__(self, header, cursor):
        self.header = header
        self.name = cursor.spelling
        start = cursor.extent.start.offset + len(self.name)
        with open(cursor.location.file.name) as file:
            text = file.read()[start : cursor.extent.end.offset]
        self.parameters = None
        if text.startswith("("):
            end = text.index(")")
            self.parameters = [p.strip() for p in text[1:end].split(",") if p.strip()]
            text = text[end + 1 :]
        self.value = re.sub(r"\\\n", " ", text).strip()
        self.is_guard = not self.value and self.name.endswith("_H")

    def uses(self):
        """(how it is used, what the simulator makes of it): once, or for some arguments."""
        if self.parameters is None:
            return [(self.name, self.value)]
        if "..." in self.parameters or "#" in self.value:
            return []
        found = []
        for sample in (1, 10):
            values = {name: str(sample * (at + 3)) for at, name in enumerate(self.parameters)}
            body = re.sub(r"\w+", lambda word: values.get(word.group(), word.group()), self.value)
            found.append((f"{self.name}({', '.join(values.values())})", body))
        return found


def failed_macros(macros, prelude, project, arguments, own, folder):
    """Yields (header, entity, how) for each macro that the real headers lack or have otherwise."""
    there = real_macros(prelude, project, arguments, folder)
    comparable = []
    for macro in macros:
        if macro.is_guard:
            continue
        if macro.name not in there:
            yield macro.header, macro.name, "there is no such macro"
            continue
        real = there[macro.name]
        if (macro.parameters is None) != (real is None):
            yield macro.header, macro.name, "a macro with parameters and one without"
        elif real is not None and not same_parameters(macro.parameters, real):
            yield macro.header, macro.name, f"takes ({', '.join(real)})"
        elif macro.value:
            comparable.append(macro)
    for check, how in failed(value_checks(comparable, own), prelude, project, arguments, folder):
        yield check.header, check.entity, how


def same_parameters(ours, theirs):
    return len(ours) == len(theirs) and ("..." in ours) == ("..." in theirs)


# What a macro can stand for, and how two of the kind are compared.
KINDS = (
    '_Static_assert(({0}) == ({1}) && (({0}) < 0) == (({1}) < 0), "another value");',
    '_Static_assert(__builtin_strcmp({0}, {1}) == 0, "another text");',
    '_Static_assert(__builtin_types_compatible_p({0}, {1}), "another type");',
)


def value_checks(macros, own):
    """A check for each use of a macro that the compiler can tell the value of, which it is asked
    with the simulator's headers."""
    uses = [(macro, use, value) for macro in macros for use, value in macro.uses()]
    checks = []
    for kind in KINDS:
        lines = [kind.format(value, value) for _, _, value in uses]
        unknown = own(lines)
        for at, (macro, use, value) in enumerate(uses):
            if at not in unknown:
                checks.append(Check(macro.header, macro.name, kind.format(use, value)))
        uses = [use for at, use in enumerate(uses) if at in unknown]
    return checks


def own_compiler(include, folder):
    """A function that compiles lines with the simulator's headers: the numbers of the bad ones."""
    names = ["freertos/FreeRTOS.h"] + sorted(
        os.path.relpath(os.path.join(place, file), include)
        for place, _, files in os.walk(include)
        for file in files
    )
    command = ["riscv64-unknown-elf-gcc", "-std=gnu99", "-march=rv32imc", "-mabi=ilp32", "-w"]
    command += [f"-I{include}", "-isystem", "/usr/include/newlib", "-fsyntax-only"]
    command += ["-fmax-errors=0", "-fdiagnostics-color=never"]

    def compile_lines(lines):
        file = write(folder, "own.c", names, lines)
        done = subprocess.run([*command, file], capture_output=True, text=True)
        return {number - len(names) - 1 for number in errors_by_line(file, done.stderr)}

    return compile_lines


def real_macros(prelude, project, arguments, folder):
    """{name: parameters or None} of all macros that the real headers define."""
    file = write(folder, "macros.c", prelude, [])
    done = subprocess.run(
        [*arguments, "-E", "-dM", file], env=project.environment, capture_output=True, text=True
    )
    found = {}
    for line in done.stdout.splitlines():
        match = re.match(r"#define (\w+)(?:\(([^)]*)\))?", line)
        if match:
            parameters = match.group(2)
            found[match.group(1)] = (
                None if parameters is None else [p.strip() for p in parameters.split(",") if p.strip()]
            )
    return found


# The compiler's word.


def errors_by_line(file, text):
    """{number of a line of `file`: the error in it, or in a macro that it uses}."""
    found = {}
    error = None
    place = re.compile(r"(.*?):(\d+):\d+: (error|warning|note): (.*)")
    for match in filter(None, map(place.fullmatch, text.splitlines())):
        name, number, kind, message = match.groups()
        if kind != "note":
            error = message if kind == "error" else None
        elif not message.startswith("in expansion of macro"):
            continue
        if name == file and error is not None:
            found.setdefault(int(number), error)
    return found


def write(folder, name, prelude, lines):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write("".join(f'#include "{header}"\n' for header in prelude))
        file.write("".join(line + "\n" for line in lines))
    return path


def failed(checks, prelude, project, arguments, folder):
    """Yields (check, what the compiler says) for those that do not agree."""
    file = write(folder, "declarations.c", prelude, [check.line for check in checks])
    options = ["-Wno-all", "-Wno-extra", "-Werror=overflow", "-fmax-errors=0"]
    text = project.compile([*arguments, *options], file)
    errors = {}
    for number, message in errors_by_line(file, text).items():
        if number <= len(prelude):
            raise ValueError(f"the headers of ESP-IDF do not compile together: {message}")
        message = message.replace("static assertion failed: ", "").strip('"')
        errors[number - len(prelude) - 1] = message
    if not errors and "error:" in text:
        raise ValueError(f"the headers of ESP-IDF do not compile together:\n{text[:2000]}")
    for index, check in enumerate(checks):
        if check.refused and index not in errors:
            yield check, "is wider"
        elif not check.refused and index in errors:
            yield check, errors[index]
