# The numbered .sql files of storage/migrations become one .cc, so that the program carries its schema with it.
function(dinsd_embed_migrations target folder)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.sql)
  set(rows "")
  set(expected 1)
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME_WE)
    string(SUBSTRING ${name} 0 4 digits)
    math(EXPR version "1${digits} - 10000")
    if(NOT version EQUAL expected)
      message(FATAL_ERROR "${file}: migration ${expected} expected, the numbers have a gap or a double")
    endif()
    math(EXPR expected "${expected} + 1")
    file(READ ${file} sql)
    string(APPEND rows "    {${version}, \"${name}\", R\"sql(${sql})sql\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  set(generated ${CMAKE_BINARY_DIR}/generated/migrations.cc)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT "#include \"storage/migrations.h\"

namespace dinsd {
namespace {

constexpr Migration kMigrations[] = {
${rows}};

}  // namespace

std::span<const Migration> Migrations() { return kMigrations; }

}  // namespace dinsd
")
  target_sources(${target} PRIVATE ${generated})
endfunction()
