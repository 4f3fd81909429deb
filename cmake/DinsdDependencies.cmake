# Everything that comes from outside, each behind one target.

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(nlohmann_json REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(tomlplusplus REQUIRED)

# LibTorch: only the CPU libraries are linked; a worker loads libtorch_cuda.so at run time where a driver is found.
# find_package(Torch) of the CUDA wheel insists on a whole CUDA toolkit, hence our own imported target.
if(NOT DINSD_LIBTORCH)
  if(DEFINED ENV{DINSD_LIBTORCH})
    set(DINSD_LIBTORCH $ENV{DINSD_LIBTORCH} CACHE PATH "" FORCE)
  else()
    set(DINSD_LIBTORCH ${PROJECT_SOURCE_DIR}/.deps/libtorch/torch CACHE PATH "" FORCE)
  endif()
endif()
if(NOT EXISTS ${DINSD_LIBTORCH}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "no LibTorch in '${DINSD_LIBTORCH}': run `./run setup`, or set DINSD_LIBTORCH to a folder with include/ and lib/")
endif()
add_library(dinsd_torch INTERFACE)
target_include_directories(dinsd_torch SYSTEM INTERFACE ${DINSD_LIBTORCH}/include
                           ${DINSD_LIBTORCH}/include/torch/csrc/api/include)
target_link_libraries(dinsd_torch INTERFACE ${DINSD_LIBTORCH}/lib/libtorch_cpu.so ${DINSD_LIBTORCH}/lib/libc10.so)
target_link_options(dinsd_torch INTERFACE -Wl,--allow-shlib-undefined -Wl,--disable-new-dtags
                    -Wl,-rpath,${DINSD_LIBTORCH}/lib)

# Debian's leveldb has no pkg-config file.
find_library(LEVELDB_LIBRARY leveldb REQUIRED)
find_path(LEVELDB_INCLUDE leveldb/table.h REQUIRED)
add_library(dinsd_leveldb INTERFACE)
target_include_directories(dinsd_leveldb SYSTEM INTERFACE ${LEVELDB_INCLUDE})
target_link_libraries(dinsd_leveldb INTERFACE ${LEVELDB_LIBRARY})

if(DINSD_WITH_CUDA)
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 90)
  endif()
  enable_language(CUDA)
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know that nvcc 12 and later has it
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
    list(APPEND CMAKE_CUDA_COMPILE_FEATURES cuda_std_20)
    set(CMAKE_CUDA_STANDARD_LATEST 20)
  endif()
  find_package(CUDAToolkit REQUIRED)
endif()

if(NOT DINSD_CORE_ONLY)
  find_package(ZLIB REQUIRED)
  find_package(PNG REQUIRED)
  find_package(SQLite3 REQUIRED)
  find_package(Eigen3 3.4 REQUIRED NO_MODULE)
  add_library(dinsd_eigen INTERFACE)
  target_include_directories(dinsd_eigen SYSTEM INTERFACE ${EIGEN3_INCLUDE_DIRS})
  target_compile_definitions(dinsd_eigen INTERFACE EIGEN_MPL2_ONLY)
  find_package(spdlog REQUIRED)
  find_package(CLI11 REQUIRED)
  find_package(Boost 1.74 REQUIRED)
  pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
  add_library(dinsd_systemd INTERFACE)
  target_link_libraries(dinsd_systemd INTERFACE PkgConfig::SYSTEMD)
  pkg_check_modules(RSVG REQUIRED IMPORTED_TARGET librsvg-2.0)  # turns our charts into PNG

  # ITK judges our image readers in the tests, `dins` has its active contour as a baseline, and a prior image is
  # registered with it; no program opens an image with it. Debian's ITKConfig.cmake loads every module of ITK and fails where GDCM's tools or DCMTK's optional
  # parts are absent, so the few libraries are found one by one.
  find_path(ITK_INCLUDE itkImage.h PATH_SUFFIXES ITK-5.2 REQUIRED)
  add_library(dinsd_itk INTERFACE)
  target_include_directories(dinsd_itk SYSTEM INTERFACE ${ITK_INCLUDE})
  foreach(part ITKIONIFTI ITKniftiio ITKznz ITKIONRRD ITKNrrdIO ITKIOMeta ITKMetaIO ITKIOImageBase ITKSmoothing
               ITKTransform ITKCommon itkvnl_algo itkvnl itksys)
    find_library(ITK_${part} NAMES ${part}-5.2 ${part} REQUIRED)
    target_link_libraries(dinsd_itk INTERFACE ${ITK_${part}})
  endforeach()
  add_library(dinsd_itk_registration INTERFACE)
  target_include_directories(dinsd_itk_registration SYSTEM INTERFACE ${ITK_INCLUDE})
  foreach(part ITKRegistrationMethodsv4 ITKOptimizersv4 ITKOptimizers ITKStatistics ITKMesh ITKTransform ITKSmoothing
               ITKCommon itkv3p_netlib itkvnl_algo itkvnl itksys)
    find_library(ITK_${part} NAMES ${part}-5.2 ${part} REQUIRED)
    target_link_libraries(dinsd_itk_registration INTERFACE ${ITK_${part}})
  endforeach()

  # DCMTK's data part (the network part belongs to the receiver alone).
  find_path(DCMTK_INCLUDE dcmtk/dcmdata/dctk.h REQUIRED)
  add_library(dinsd_dcmtk INTERFACE)
  target_include_directories(dinsd_dcmtk SYSTEM INTERFACE ${DCMTK_INCLUDE})
  foreach(part cmr dcmsr dcmjpeg ijg8 ijg12 ijg16 dcmjpls dcmtkcharls dcmimgle dcmdata oflog ofstd)
    find_library(DCMTK_${part} ${part} REQUIRED)
    target_link_libraries(dinsd_dcmtk INTERFACE ${DCMTK_${part}})
  endforeach()
  # JPEG 2000, which DCMTK has no decoder for; only what names it sees its headers.
  pkg_check_modules(OPENJPEG REQUIRED libopenjp2)
  add_library(dinsd_openjpeg INTERFACE)
  target_link_libraries(dinsd_openjpeg INTERFACE ${OPENJPEG_LINK_LIBRARIES})
  add_library(dinsd_dcmnet INTERFACE)
  add_library(dinsd_dcmtls INTERFACE)
  foreach(part dcmnet dcmtls)
    find_library(DCMTK_${part} ${part} REQUIRED)
  endforeach()
  target_link_libraries(dinsd_dcmnet INTERFACE ${DCMTK_dcmnet} dinsd_dcmtk)
  target_link_libraries(dinsd_dcmtls INTERFACE ${DCMTK_dcmtls} OpenSSL::SSL dinsd_dcmnet)
endif()
